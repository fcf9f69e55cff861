import type { MoneyRecord, RuleSet, SourceFinding } from '../domain/index.ts';
import type { TraceCommand } from './trace-commands.ts';

/** One message of a log before it is cut and numbered. */
export type TraceStep =
  | { readonly kind: 'records'; readonly logTime: number; readonly records: readonly MoneyRecord[] }
  | { readonly kind: 'rules'; readonly logTime: number; readonly rules: RuleSet }
  | {
      readonly kind: 'progress';
      readonly logTime: number;
      readonly source: string;
      readonly time: number;
    }
  | { readonly kind: 'finding'; readonly logTime: number; readonly finding: SourceFinding }
  | { readonly kind: 'command'; readonly logTime: number; readonly command: TraceCommand }
  | { readonly kind: 'tick'; readonly logTime: number };
