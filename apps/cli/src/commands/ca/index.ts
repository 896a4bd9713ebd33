import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { addAudit } from "./audit.ts";
import { addCrl } from "./crl.ts";
import { addDevice } from "./device.ts";
import { addInit } from "./init.ts";
import { addInstall } from "./install.ts";
import { addList } from "./list.ts";
import { addRevoke } from "./revoke.ts";
import { addRoot } from "./root.ts";
import { addShow } from "./show.ts";
import { addSign } from "./sign.ts";
import { addStatusList } from "./status-list.ts";
import { addTlsInstall } from "./tls-install.ts";
import { addTlsRequest } from "./tls-request.ts";
import { addTlsSign } from "./tls-sign.ts";
import { addVerify } from "./verify.ts";
import { addX509 } from "./x509.ts";

/** `bezant ca`: tier 1, as ceremonies over encrypted key files. Nothing here talks to a network. */
export function addCa(ca: Command, cli: Cli): void {
  addRoot(ca, cli);
  addInit(ca, cli);
  addSign(ca, cli);
  addInstall(ca, cli);
  addDevice(ca, cli);
  addShow(ca, cli);
  addList(ca, cli);
  addVerify(ca, cli);
  addRevoke(ca, cli);
  addStatusList(ca, cli);
  addAudit(ca, cli);
  addX509(ca, cli);
  addTlsRequest(ca, cli);
  addTlsSign(ca, cli);
  addTlsInstall(ca, cli);
  addCrl(ca, cli);
}
