export { commitCheckpoint } from './checkpoint-file.ts';
export { packMessages } from './pack.ts';
export type { AppliedBatch, CheckpointFacts, RowBlock } from './protocol.ts';
export { ShardPool } from './shard-pool.ts';
