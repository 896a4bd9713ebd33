import type { InstitutionName } from "@bezant/pki/x509";
import { err, maxSize, ok, refusal, toHex, type Refusal, type Result } from "@bezant/protocol";
import {
  addMessageRoute,
  CBOR,
  COSE,
  createApp as createHttp,
  DEFAULT_HTTP,
  LIMITS,
  responses,
  sendProblem,
  type App,
  type HttpOptions,
  type MessageRoute,
} from "@bezant/service/http";
import type { Database } from "@bezant/service/db";
import type { Manufacturer } from "../manufacturer.ts";
import { publication } from "../operator/carry-out.ts";
import {
  carriedJson,
  challengeJson,
  installationJson,
  manufacturerJson,
  releaseParams,
  releasesJson,
} from "./json.ts";

/** For whom a route is: devices have no certificate for TLS, institutions show theirs. */
export type Audience = "devices" | "institutions";

/**
 * The HTTP interface of a manufacturer (protocol document §17.4), and its operator's.
 * @param audience whose routes alone it has; everybody's unless there is a listener for each
 */
export function createApp(
  manufacturer: Manufacturer,
  db: Pick<Database, "connections">,
  options: HttpOptions = DEFAULT_HTTP,
  audience?: Audience,
): Promise<App> {
  const addRoutes = (app: App): void => {
    for (const { for: whose, ...route } of messageRoutes(manufacturer)) {
      if (audience === undefined || audience === whose) addMessageRoute(app, route);
    }
    addReads(app, manufacturer);
    if (audience !== "institutions") addChallenges(app, manufacturer);
  };
  const openapi = {
    openapi: {
      openapi: "3.1.0" as const,
      info: {
        title: `Bezant manufacturer ${manufacturer.info.id}`,
        version: "1",
        description:
          "Messages are COSE_Sign1 in deterministic CBOR, as the protocol document's section 17 says. Every request may " +
          "be repeated. Refusals are problem details with a stable `code`.",
      },
    },
  };
  return createHttp({ openapi, addRoutes, db, ready: () => manufacturer.ready() }, options);
}

function messageRoutes(
  manufacturer: Manufacturer,
): readonly (MessageRoute & { readonly for: Audience })[] {
  return [
    {
      path: "/oem/v1/attestations",
      for: "institutions",
      summary: "OEMVerify: the manufacturer's word on evidence",
      tag: "attestation",
      accepts: CBOR,
      limit: LIMITS.pair,
      answers: COSE,
      run: async (body, _, peer) => manufacturer.appraise(body, peer?.id),
    },
    {
      path: "/oem/v1/updates",
      for: "devices",
      summary: "A device reports, and gets an update if there is one",
      tag: "provisioning",
      accepts: COSE,
      limit: LIMITS.message,
      answers: CBOR,
      run: (body) => manufacturer.offerUpdate(body),
    },
    {
      path: "/oem/v1/installations",
      for: "devices",
      summary: "A device reports that it has installed an update",
      tag: "provisioning",
      accepts: COSE,
      limit: LIMITS.message,
      answers: installationJson,
      run: async (body) => {
        const done = await manufacturer.confirmInstallation(body);
        if (!done.ok) return done;
        const { device, version, measurement } = done.value;
        return ok({ device, version, measurement: toHex(measurement) });
      },
    },
    {
      path: "/operator/v1/orders",
      for: "institutions",
      summary:
        "Carry out a signed order of the operator: enrol or revoke a device, withdraw a release",
      tag: "operator",
      accepts: COSE,
      limit: LIMITS.message,
      answers: carriedJson,
      run: async (body, _, peer) => refuseStranger(peer) ?? manufacturer.carryOut(body),
    },
    {
      path: "/operator/v1/releases",
      for: "institutions",
      summary: "Endorse and publish a release, on a signed order of the operator",
      tag: "operator",
      accepts: CBOR,
      limit: maxSize(publication),
      answers: CBOR,
      run: async (body, _, peer) => refuseStranger(peer) ?? manufacturer.publish(body),
    },
  ];
}

/** Only the manufacturer itself brings what its operator has signed. */
function refuseStranger(
  peer: InstitutionName | undefined,
): Result<never, Refusal<"wrong-peer">> | undefined {
  if (peer === undefined || peer.role === "manufacturer") return undefined;
  return err(refusal("wrong-peer", `a ${peer.role} brings no orders of the operator`));
}

function addReads(app: App, manufacturer: Manufacturer): void {
  const { id, root, appointment } = manufacturer.info;
  app.get(
    "/oem/v1/manufacturer",
    { schema: { summary: "Who this manufacturer is", response: responses(manufacturerJson) } },
    () => ({
      manufacturer: id,
      rootKey: root.key.compressed,
      appointment: toHex(appointment),
    }),
  );
  app.get(
    "/oem/v1/releases",
    { schema: { summary: "The releases", response: responses(releasesJson) } },
    async (_, reply) => {
      const found = await manufacturer.releases();
      if (!found.ok) return sendProblem(reply, found.error);
      const releases = found.value.map(
        ({ uuid, version, measurement, size, minimumVersion, isWithdrawn }) => ({
          uuid,
          version,
          measurement: toHex(measurement),
          size,
          minimumVersion,
          status: isWithdrawn ? ("withdrawn" as const) : ("published" as const),
        }),
      );
      return reply.send({ releases });
    },
  );
  app.get(
    "/oem/v1/releases/:uuid/:version",
    {
      schema: {
        summary: "A release: manifest and endorsement",
        params: releaseParams,
        response: responses(CBOR),
      },
    },
    async (request, reply) => {
      const { uuid, version } = request.params;
      const found = await manufacturer.release(uuid, Number(version));
      if (!found.ok) return sendProblem(reply, found.error);
      return reply.type(CBOR).send(Buffer.from(found.value));
    },
  );
}

function addChallenges(app: App, manufacturer: Manufacturer): void {
  app.post(
    "/oem/v1/challenges",
    { schema: { summary: "A nonce for a device's report", response: responses(challengeJson) } },
    () => {
      const { nonce, expires } = manufacturer.challenge();
      return { nonce: toHex(nonce), expires };
    },
  );
}
