export { startServer } from './http-server.ts';
export type { RunningServer } from './http-server.ts';
