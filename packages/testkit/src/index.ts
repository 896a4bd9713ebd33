export { CrashPlan } from "./crashes.ts";
export { NetworkCentralBank } from "./central-bank.ts";
export { START, VirtualClock } from "./clock.ts";
export { SimulatedDevice } from "./device.ts";
export { FAULTS, Faults, type Fault, type Place } from "./faults.ts";
export { asSigner, EUR, Institutions, newSigner } from "./institutions.ts";
export { createNetwork, type Network, type PartyOptions } from "./network.ts";
export { Party } from "./party.ts";
export { LIMITS, NetworkProvider } from "./provider.ts";
