import type { Target } from "../target.ts";
import { files } from "./files.ts";
import { framing } from "./framing.ts";
import { http } from "./http/index.ts";
import { messages, payloads } from "./messages.ts";
import { text, values } from "./text.ts";
import { trustedApp } from "./trusted-app.ts";
import { certVerification, payVerification } from "./verify.ts";

export const TARGETS: readonly Target[] = [
  messages,
  payloads,
  payVerification,
  certVerification,
  trustedApp,
  framing,
  text,
  values,
  files,
  http,
];
