export { INTERNAL_API_IMPORTS, type TaInstance, type TeeInternalApi } from "./internal-api.ts";
