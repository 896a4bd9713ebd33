import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { institutionId, seconds } from "@bezant/protocol";
import {
  admit,
  institutionClient,
  peerOf,
  renewServer,
  serverOptions,
  type TlsIdentity,
  type TlsTrust,
} from "../src/tls/index.ts";
import {
  revocationList,
  toPem,
  uriOf,
  type InstitutionName,
  type X509Authority,
} from "../src/x509/index.ts";
import {
  forge,
  machineTime,
  provider,
  subordinate,
  tlsIdentity,
  x509IntermediaryOf,
  x509RootOf,
  type Certified,
} from "./support/institutions.ts";

const AURUM = provider("aurum");
const ARGENT = provider("argent");
const now = machineTime();
/** In TLS 1.3 a client learns only after its own handshake that it was refused: by an alert, or by the closed connection. */
const REFUSED_BY_SERVER: Asked = {
  refused: expect.stringMatching(/ALERT|ECONNRESET|UND_ERR_SOCKET/) as string,
};
const closing: (() => Promise<void>)[] = [];

let root: X509Authority;
let bank: X509Authority;
let aurum: Certified;
let argent: Certified;
let trust: TlsTrust;

beforeAll(async () => {
  root = await x509RootOf("root", "cb");
  bank = await x509IntermediaryOf(root, "bank");
  for (const id of ["aurum", "argent"]) await subordinate(bank.authority, "provider", id);
  aurum = await tlsIdentity(bank, AURUM);
  argent = await tlsIdentity(bank, ARGENT);
  trust = { roots: [toPem("CERTIFICATE", root.certificate)] };
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server of an institution that answers each request with the URI of whoever asks. */
async function serve(
  own: TlsIdentity,
  believes: TlsTrust,
): Promise<{ server: Server; url: string }> {
  const server = createServer(serverOptions(own, believes), (request, response) => {
    const peer = peerOf(request.socket);
    response.end(peer === undefined ? "nobody" : uriOf(peer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return { server, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

type Asked = { readonly answer: string } | { readonly refused: string };

/** Asks as an institution: what the server answered, or why there was no connection. */
async function ask(
  url: string,
  peer: InstitutionName,
  own: TlsIdentity,
  believes = trust,
): Promise<Asked> {
  const client = institutionClient(peer, () => ({ own, trust: believes }));
  closing.push(client.close);
  try {
    const response = await client.fetch(url);
    return { answer: await response.text() };
  } catch (error) {
    const { cause } = error as Error & { cause?: { code?: string; message: string } };
    return { refused: cause?.code ?? cause?.message ?? String(error) };
  }
}

describe("mutual TLS between institutions", () => {
  it("tells both sides who the other one is", async () => {
    const { url } = await serve(aurum, trust);
    expect(await ask(url, AURUM, argent)).toEqual({ answer: "bezant://argent.provider.eur" });
  });

  it("refuses a client without a certificate, before any request is read", async () => {
    const { url } = await serve(aurum, trust);
    const { port } = new URL(url);
    const socket = tlsConnect({
      port: Number(port),
      host: "127.0.0.1",
      ca: [...trust.roots],
      checkServerIdentity: () => undefined,
    });
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const said: Buffer[] = [];
    socket.on("data", (bytes: Buffer) => said.push(bytes));
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED");
    expect(Buffer.concat(said).length).toBe(0);
  });

  it("refuses a client and a server under another root, though all names are the same", async () => {
    const otherRoot = await x509RootOf("root", "cb");
    const otherBank = await x509IntermediaryOf(otherRoot, "bank");
    for (const id of ["aurum", "argent"]) await subordinate(otherBank.authority, "provider", id);
    const otherTrust = { roots: [toPem("CERTIFICATE", otherRoot.certificate)] };
    const stranger = await tlsIdentity(otherBank, ARGENT);
    const { url } = await serve(aurum, trust);
    expect(await ask(url, AURUM, stranger)).toMatchObject(REFUSED_BY_SERVER);
    expect(await ask(url, AURUM, stranger, otherTrust)).toMatchObject({
      refused: expect.stringMatching(/UNABLE_TO|SELF_SIGNED/) as string,
    });
  });

  it("refuses a server with another id or another role", async () => {
    const { url } = await serve(argent, trust);
    expect(await ask(url, AURUM, aurum)).toEqual({ refused: "ERR_WRONG_PEER" });
    const asBank = { ...ARGENT, role: "intermediary" } as const;
    expect(await ask(url, asBank, aurum)).toEqual({ refused: "ERR_WRONG_PEER" });
  });

  it("does not serve an institution that it does not admit, and hears nothing from it", async () => {
    const { server, url } = await serve(aurum, trust);
    let requests = 0;
    server.on("request", () => requests++);
    admit(server, ({ id }) => id === institutionId("argent"));
    expect(await ask(url, AURUM, argent)).toEqual({ answer: "bezant://argent.provider.eur" });
    expect(await ask(url, AURUM, aurum)).toHaveProperty("refused");
    expect(requests).toBe(1);
  });

  it("refuses a client and a server whose certificate has expired, or is not valid yet", async () => {
    const before = { now: seconds(now - 3 * 86_400), days: 1 };
    const past = await x509RootOf("root", "cb", before);
    const oldBank = await x509IntermediaryOf(past, "bank", before.now);
    for (const id of ["aurum", "argent"])
      await subordinate(oldBank.authority, "provider", id, before.now);
    const roots = { roots: [toPem("CERTIFICATE", past.certificate)] };
    const expired = await tlsIdentity(oldBank, ARGENT, before);
    const sound = await tlsIdentity(oldBank, AURUM);
    const { url } = await serve(sound, roots);
    expect(await ask(url, AURUM, expired, roots)).toMatchObject(REFUSED_BY_SERVER);
    const { url: old } = await serve(expired, roots);
    expect(await ask(old, ARGENT, sound, roots)).toEqual({ refused: "CERT_HAS_EXPIRED" });
    const early = await tlsIdentity(oldBank, ARGENT, { now: seconds(now + 86_400) });
    const { url: next } = await serve(early, roots);
    expect(await ask(next, ARGENT, sound, roots)).toEqual({ refused: "CERT_NOT_YET_VALID" });
  });

  it("refuses what the revocation list takes back, at once and on both sides, and any list that is out of date", async () => {
    const lists = async (at = now): Promise<TlsTrust> => ({
      ...trust,
      revocationLists: [
        toPem("X509 CRL", await revocationList(root, { now: at, days: 1 })),
        toPem("X509 CRL", await revocationList(bank, { now: at, days: 1 })),
      ],
    });
    const lost = await tlsIdentity(bank, ARGENT);
    const { server, url } = await serve(aurum, await lists());
    expect(await ask(url, AURUM, lost, await lists())).toHaveProperty("answer");
    const serial = new X509Certificate(lost.der).serialNumber.toLowerCase();
    await bank.register.revoke({ serial, at: now });
    const renewed = await lists();
    renewServer(server, aurum, renewed);
    expect(await ask(url, AURUM, lost, renewed)).toMatchObject(REFUSED_BY_SERVER);
    expect(await ask(url, AURUM, argent, renewed)).toHaveProperty("answer");
    const { url: other } = await serve(lost, trust);
    expect(await ask(other, ARGENT, aurum, renewed)).toEqual({ refused: "CERT_REVOKED" });
    const stale = await lists(seconds(now - 2 * 86_400));
    const { url: sound } = await serve(argent, trust);
    expect(await ask(sound, ARGENT, aurum, stale)).toEqual({ refused: "CRL_HAS_EXPIRED" });
  });

  it("accepts a manufacturer only under its own root, and believes it nothing else", async () => {
    const oem = await x509RootOf("oem-root", "oem");
    const name: InstitutionName = { id: institutionId("oem"), role: "manufacturer" };
    const maker = await tlsIdentity(oem, name);
    const both = { roots: [...trust.roots, toPem("CERTIFICATE", oem.certificate)] };
    const { url } = await serve(aurum, both);
    expect(await ask(url, AURUM, maker)).toEqual({ answer: "bezant://oem.manufacturer" });
    // A manufacturer that signs a provider's name with its root's key.
    const forged = await forge(oem, ARGENT);
    expect(await ask(url, AURUM, forged)).toMatchObject(REFUSED_BY_SERVER);
    expect(await ask(url, AURUM, await forge(oem, name))).toHaveProperty("answer");
  });

  it("is not for a connection without TLS", async () => {
    const { url } = await serve(aurum, trust);
    const plain: Socket = connect(Number(new URL(url).port), "127.0.0.1");
    await once(plain, "connect");
    expect(peerOf(plain)).toBe(undefined);
    plain.destroy();
  });
});
