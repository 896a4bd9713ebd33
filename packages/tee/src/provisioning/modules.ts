import { err, ok, type Result } from "@bezant/protocol";
import type { TaPlace } from "../os/ta-object.ts";
import { catchIo, IoError, type BlockFile, type FileStore } from "../storage/block-file.ts";
import { fault, type StorageFault } from "../storage/fault.ts";

/** The module that the device was shipped with, and the place for the next one; they change places with each update. */
const SLOTS = ["trusted-app.wasm", "trusted-app-next.wasm"] as const;
const MAX_MODULE = 1 << 20;

/**
 * Two places for the TA's module, kept open. Which one counts, the TA's object says, so the commit of that object is the
 * one moment at which a device changes its TA.
 */
export class TaModules {
  readonly #files: readonly BlockFile[];

  private constructor(files: readonly BlockFile[]) {
    this.#files = files;
  }

  static open(files: FileStore): Result<TaModules, StorageFault> {
    const opened = catchIo(() => {
      const shipped = files.open(SLOTS[0]);
      return shipped && [shipped, files.open(SLOTS[1]) ?? files.create(SLOTS[1], 0)];
    });
    if (opened instanceof IoError) return err(fault("io-failed", opened.errno));
    return opened === undefined
      ? err(fault("device-damaged", SLOTS[0]))
      : ok(new TaModules(opened));
  }

  /** The module at this place; the whole file that the device was shipped with, where the object names none. */
  read(place: TaPlace | undefined): Result<Uint8Array, StorageFault> {
    const { slot, size } = place ?? { slot: 0, size: MAX_MODULE };
    const module = catchIo(() => this.#files[slot]?.read(0, size));
    if (module instanceof IoError) return err(fault("io-failed", module.errno));
    return module === undefined ? err(fault("device-damaged")) : ok(module);
  }

  /** Writes a module where the current one is not, durably, and says where. */
  write(current: TaPlace | undefined, module: Uint8Array): Result<TaPlace, StorageFault> {
    const slot = current?.slot === 1 ? 0 : 1;
    const failed = catchIo(() => this.#files[slot]?.write(0, module));
    if (failed instanceof IoError) return err(fault("io-failed", failed.errno));
    return ok({ slot, size: module.length });
  }

  close(): void {
    for (const file of this.#files) file.close();
  }
}

/** Puts the module of a new device in its place. */
export function shipModule(files: FileStore, module: Uint8Array): void {
  const file = files.create(SLOTS[0], module.length);
  file.write(0, module);
  file.close();
  files.create(SLOTS[1], 0).close();
}
