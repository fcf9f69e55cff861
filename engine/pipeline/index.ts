export { INTEREST_SUBJECT } from './announcer.ts';
export { Pipeline } from './pipeline.ts';
export {
  PIPELINE_DEFAULTS,
  type PipelineDeps,
  type PipelineObserver,
  type PipelineOptions,
  type ResultBlocks,
  type RulesInForce,
} from './types.ts';
