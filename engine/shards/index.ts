export { commitCheckpoint } from './checkpoint-file.ts';
export { packMessages } from './pack.ts';
export type {
  AppliedBatch,
  CheckpointFacts,
  PackedMessages,
  RowBlock,
  ShardTask,
  ShardValues,
  WrittenCheckpoint,
} from './protocol.ts';
export { ShardPool } from './shard-pool.ts';
