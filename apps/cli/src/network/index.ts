// For those who run such a network otherwise than `bezant up` does.
export { auditAll } from "../central-bank/audit.ts";
export { writeCentralBankConfig } from "../central-bank/config-file.ts";
export { bankOperatorAt, type BankOperator } from "../central-bank/operator.ts";
export { writeProviderConfig } from "../provider/config-file.ts";
export { operatorAt, type Operator } from "../provider/operator.ts";
export { foundInstitutions, type Institutions } from "./institutions.ts";
export { certificateIn, layoutOf, PROVIDERS, type Layout, type ProviderName } from "./layout.ts";
export { reservePort } from "./reserve-port.ts";
