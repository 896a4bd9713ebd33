import { Type } from "@fastify/type-provider-typebox";
import { anyHex, hex, seconds } from "@bezant/service/http";

const version = Type.Integer({ minimum: 0, maximum: 0xffff_ffff });

export const manufacturerJson = Type.Object({
  manufacturer: Type.String({ description: "Its id." }),
  rootKey: hex(33, "The OEM root's compressed key, to be pinned."),
  appointment: anyHex("The root's appointment of this service."),
});

export const releasesJson = Type.Object({
  releases: Type.Array(
    Type.Object({
      uuid: hex(16, "The TA's UUID, without hyphens."),
      version,
      measurement: hex(32, "SHA-256 of its module."),
      size: Type.Integer({ description: "Bytes of the module." }),
      minimumVersion: version,
      status: Type.Enum(["published", "withdrawn"]),
    }),
  ),
});

export const releaseParams = Type.Object({
  uuid: hex(16, "The TA's UUID, without hyphens."),
  version: Type.String({ pattern: "^[1-9][0-9]{0,8}$" }),
});

export const challengeJson = Type.Object({
  nonce: hex(16, "For a device's report."),
  expires: seconds("The last second at which it may be answered"),
});

export const installationJson = Type.Object({
  device: hex(32, "The device's id."),
  version,
  measurement: hex(32, "SHA-256 of the module that is installed."),
});

export const carriedJson = Type.Object({
  kind: Type.String(),
  about: Type.String({ description: "The device or release." }),
});
