import { createSecretKey, hash, type KeyObject } from "node:crypto";
import { equalBytes, err, ok, type Result } from "@bezant/protocol";
import { catchIo, IoError, type BlockFile, type FileStore } from "../storage/block-file.ts";
import { fault, type StorageFault } from "../storage/fault.ts";
import {
  decodeFrame,
  encodeFrame,
  FRAME_SIZE,
  HALF_SECTOR,
  isAuthentic,
  keyOfFrame,
  RPMB_RESULT,
  RPMB_TYPE,
  type RpmbFrame,
} from "./frame.ts";

/** What the eMMC controller's RPMB engine offers: a frame in, the answering frame out. */
export type RpmbEngine = {
  /** The number of half sectors of 256 bytes: the units of addresses and block counts. */
  readonly blocks: number;
  /**
   * Answers one request. The request that reads a write's result register, a second step on the bus, is
   * part of it; so is the block count, which is always that of a sector.
   */
  readonly exchange: (request: Uint8Array) => Uint8Array;
};

/** Half sectors that are written together, all or nothing: a sector (the reliable write sector count REL_WR_SEC_C is 1). */
export const SECTOR_BLOCKS = 2;
const CELL_SIZE = SECTOR_BLOCKS * FRAME_SIZE;
const PAGE = 4096;
const MAGIC = new TextEncoder().encode("BZ-RPMB2");
const KEY_AT = MAGIC.length + 2;
const DIGEST_AT = KEY_AT + 32;
const MAX_COUNTER = 0xffff_ffff;
const ZEROS = new Uint8Array(32);

/** A new chip with no key programmed. */
export function createChip(files: FileStore, name: string, blocks: number): void {
  const file = files.create(name, PAGE * (1 + (2 * blocks) / SECTOR_BLOCKS));
  file.write(0, keyRecord(blocks, ZEROS));
  file.close();
}

/** Powers the chip up: reads its key record and every cell. */
export function openChip(files: FileStore, name: string): Result<Chip, StorageFault> {
  const chip = catchIo(() => {
    const file = files.open(name);
    if (file === undefined) return fault("rpmb-missing");
    const record = file.read(0, DIGEST_AT + 32);
    const blocks = ((record[MAGIC.length] ?? 0) << 8) | (record[MAGIC.length + 1] ?? 0);
    const key = record.slice(KEY_AT, DIGEST_AT);
    if (key.length !== 32 || !equalBytes(record, keyRecord(blocks, key))) {
      file.close();
      return fault("rpmb-damaged");
    }
    return new Chip(file, blocks, equalBytes(key, ZEROS) ? undefined : createSecretKey(key));
  });
  if (chip instanceof IoError) return err(fault("io-failed", chip.errno));
  return chip instanceof Chip ? ok(chip) : err(chip);
}

type Cell = { readonly counter: number; readonly data: Uint8Array; readonly place: 0 | 1 };

/**
 * The chip. Each sector has two cells, and a cell is the very write request that filled it: its MAC
 * tells a whole cell from a torn one, so a write that was cut leaves the older cell in force.
 */
export class Chip implements RpmbEngine {
  readonly blocks: number;
  readonly #file: BlockFile;
  #key: KeyObject | undefined;
  #cells: (Cell | undefined)[] = [];
  #counter = 0;
  #known = false;

  constructor(file: BlockFile, blocks: number, key: KeyObject | undefined) {
    this.#file = file;
    this.blocks = blocks;
    this.#key = key;
    this.#powerUp();
  }

  exchange(request: Uint8Array): Uint8Array {
    const { type } = decodeFrame(request);
    if (type === RPMB_TYPE.programKey) return this.#programKey(keyOfFrame(request));
    const key = this.#key;
    const answerType = type << 8;
    if (key === undefined) {
      return encodeFrame({ type: answerType, result: RPMB_RESULT.keyNotProgrammed });
    }
    const answer = catchIo(() => {
      if (!this.#known) this.#powerUp();
      return this.#answer(request, key);
    });
    if (answer instanceof IoError) {
      // The cell may hold the old bytes, the new ones or neither: look again before the next request.
      this.#known = false;
      const result = type === RPMB_TYPE.write ? RPMB_RESULT.writeFailure : RPMB_RESULT.readFailure;
      return encodeFrame({ type: answerType, result }, key);
    }
    return answer;
  }

  close(): void {
    this.#file.close();
  }

  #programKey(key: Uint8Array): Uint8Array {
    const type = RPMB_TYPE.keyProgrammed;
    if (this.#key !== undefined || equalBytes(key, ZEROS)) {
      return encodeFrame({ type, result: RPMB_RESULT.generalFailure });
    }
    const failed = catchIo(() => this.#file.write(0, keyRecord(this.blocks, key)));
    if (failed instanceof IoError) return encodeFrame({ type, result: RPMB_RESULT.writeFailure });
    this.#key = createSecretKey(key);
    return encodeFrame({ type, result: RPMB_RESULT.ok });
  }

  #answer(request: Uint8Array, key: KeyObject): Uint8Array {
    const frame = decodeFrame(request);
    const { type, nonce, address, blockCount } = frame;
    const expired = this.#counter === MAX_COUNTER ? RPMB_RESULT.counterExpired : 0;
    const say = (result: number, fields: Partial<RpmbFrame> = { counter: this.#counter }) =>
      encodeFrame({ ...fields, nonce, address, result: result | expired, type: type << 8 }, key);
    if (type === RPMB_TYPE.readCounter) return say(RPMB_RESULT.ok);
    if (type !== RPMB_TYPE.read && type !== RPMB_TYPE.write) return say(RPMB_RESULT.generalFailure);
    if (type === RPMB_TYPE.write && expired !== 0) return say(RPMB_RESULT.writeFailure);
    if (address >= this.blocks || address % SECTOR_BLOCKS !== 0) {
      return say(RPMB_RESULT.addressFailure);
    }
    if (type === RPMB_TYPE.read) {
      if (blockCount !== SECTOR_BLOCKS) return say(RPMB_RESULT.generalFailure);
      const data = this.#cells[address]?.data ?? new Uint8Array(SECTOR_BLOCKS * HALF_SECTOR);
      return say(RPMB_RESULT.ok, { data, blockCount });
    }
    // The order of checks is the standard's: expiry, address, authentication, counter.
    if (!isAuthentic(request, key)) return say(RPMB_RESULT.authenticationFailure);
    if (frame.counter !== this.#counter) return say(RPMB_RESULT.counterFailure);
    if (!isSector(request, blockCount)) return say(RPMB_RESULT.generalFailure);
    // Made before the wait, since a controller would have it at once.
    const written = say(RPMB_RESULT.ok, { counter: this.#counter + 1 });
    this.#store(request, frame);
    return written;
  }

  #store(request: Uint8Array, { address, counter, data }: Required<RpmbFrame>): void {
    const place = this.#cells[address]?.place === 0 ? 1 : 0;
    this.#file.write(this.#position(address, place), request);
    this.#cells[address] = { counter, data, place };
    this.#counter = counter + 1;
  }

  #powerUp(): void {
    this.#cells = [];
    this.#counter = 0;
    const key = this.#key;
    for (let address = 0; key !== undefined && address < this.blocks; address += SECTOR_BLOCKS) {
      for (const place of [0, 1] as const) {
        const cell = this.#readCell(address, place, key);
        if (cell === undefined) continue;
        if (cell.counter >= (this.#cells[address]?.counter ?? 0)) this.#cells[address] = cell;
        this.#counter = Math.max(this.#counter, cell.counter + 1);
      }
    }
    this.#known = true;
  }

  #readCell(address: number, place: 0 | 1, key: KeyObject): Cell | undefined {
    const bytes = this.#file.read(this.#position(address, place), CELL_SIZE);
    if (bytes.length !== CELL_SIZE || !isAuthentic(bytes, key)) return undefined;
    const frame = decodeFrame(bytes);
    if (frame.type !== RPMB_TYPE.write || frame.address !== address) return undefined;
    return { counter: frame.counter, data: frame.data, place };
  }

  /** Cells share no page, so that a page lost while one is written never takes the other with it. */
  #position(address: number, place: 0 | 1): number {
    return PAGE * (1 + (2 * address) / SECTOR_BLOCKS + place);
  }
}

function isSector(request: Uint8Array, blockCount: number): boolean {
  return request.length === CELL_SIZE && blockCount === SECTOR_BLOCKS;
}

function keyRecord(blocks: number, key: Uint8Array): Uint8Array {
  const record = new Uint8Array(DIGEST_AT + 32);
  record.set(MAGIC);
  record[MAGIC.length] = blocks >> 8;
  record[MAGIC.length + 1] = blocks & 0xff;
  record.set(key, KEY_AT);
  record.set(hash("sha256", record.subarray(0, DIGEST_AT), "buffer"), DIGEST_AT);
  return record;
}
