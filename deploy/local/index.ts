export * from './data-directory.ts';
export * from './find-nats-server.ts';
export * from './free-port.ts';
export * from './nats-server.ts';
export * from './watch-disk.ts';
