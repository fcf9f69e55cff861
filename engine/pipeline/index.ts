export { Pipeline } from './pipeline.ts';
export { PIPELINE_DEFAULTS, type PipelineObserver } from './types.ts';
