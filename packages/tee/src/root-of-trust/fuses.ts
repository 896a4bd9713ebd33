import { hash } from "node:crypto";
import {
  bytes,
  concatBytes,
  decode,
  encode,
  equalBytes,
  err,
  field,
  hex,
  map,
  MAX_CERTIFICATE,
  ok,
  optional,
  type Infer,
  type Result,
} from "@bezant/protocol";
import { catchIo, IoError, type FileStore } from "../storage/block-file.ts";
import { fault, type StorageFault } from "../storage/fault.ts";

const fusesSchema = map({
  /** D.sk, 32 bytes. */
  deviceKey: [1, bytes(32)],
  /** The hardware-unique key, from which every storage key is derived. */
  hardwareKey: [2, bytes(32)],
  deviceCertificate: [3, bytes(1, MAX_CERTIFICATE)],
  /** The OEM root whose updates the device takes: id and compressed key. */
  manufacturer: [4, optional(map({ id: [1, field.institutionId], key: [2, hex(33)] }))],
});

/** What the manufacturer burns into the device (the paper's ROM and device key), and never changes. */
export type Fuses = Infer<typeof fusesSchema>;

const FILE = "fuses";
const DIGEST_SIZE = 32;
const PAGE = 4096;

/** Burns the fuses. This comes last in making a device: without fuses there is none. */
export function burnFuses(files: FileStore, fuses: Fuses): void {
  const content = encode(fusesSchema, fuses);
  const length = new Uint8Array([content.length >> 8, content.length & 0xff]);
  const file = files.create(FILE, PAGE);
  file.write(0, concatBytes(hash("sha256", content, "buffer"), length, content));
  file.close();
}

export function readFuses(files: FileStore): Result<Fuses, StorageFault> {
  const page = catchIo(() => {
    const file = files.open(FILE);
    const content = file?.read(0, PAGE);
    file?.close();
    return content;
  });
  if (page instanceof IoError) return err(fault("io-failed", page.errno));
  if (page?.some((byte) => byte !== 0) !== true) return err(fault("device-missing"));
  const start = DIGEST_SIZE + 2;
  const length = ((page[DIGEST_SIZE] ?? 0) << 8) | (page[DIGEST_SIZE + 1] ?? 0);
  const content = page.slice(start, start + length);
  const fuses = decode(fusesSchema, content);
  const digest = hash("sha256", content, "buffer");
  return fuses.ok && equalBytes(digest, page.subarray(0, DIGEST_SIZE))
    ? ok(fuses.value)
    : err(fault("device-damaged", "fuses"));
}
