// For the tests of every institution's server.
export { withClient } from "./client.ts";
export { temporaryFolder } from "./folder.ts";
export { Http, injected, overSocket, Reply, type Send } from "./http.ts";
export { startProxy, type Fault, type Proxy } from "./proxy.ts";
export { foundTls, type TestTls } from "./tls.ts";
export {
  asSuperuser,
  createDatabase,
  useOwnServer,
  useServer,
  withSuperuser,
  type Postgres,
} from "./server.ts";
