export { createPublisher } from './publisher.ts';
export { runFiles, watchFiles } from './file-runner.ts';
export { listFiles } from './source-files.ts';
export type { SourceFile } from './source-files.ts';
