import { TA_PLANTS, TEE_PLANTS } from "./in-device.ts";
import { PROVIDER_PLANTS } from "./in-provider.ts";
import { WALLET_PLANTS } from "./in-wallet.ts";
import type { Plant } from "./plant.ts";

export const PLANTS: readonly Plant[] = [
  ...TA_PLANTS,
  ...TEE_PLANTS,
  ...PROVIDER_PLANTS,
  ...WALLET_PLANTS,
];
