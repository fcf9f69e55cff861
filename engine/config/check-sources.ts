import type { Reconciliation, Side } from '../domain/index.ts';
import { didYouMean } from '../domain/index.ts';
import type { CrossIssue } from './check-filter.ts';
import { checkCalendars } from './check-calendars.ts';
import type { Config } from './schema.ts';
import type { SourceConfig } from './sources.ts';

/** Sources against each other, the reconciliations that they are in, and the calendars. */
export function* checkSources(config: Config): Generator<CrossIssue> {
  for (const source of config.sources) {
    const path = ['sources', source.name];
    if (source.due !== undefined) {
      const at = [...path, 'due', 'calendar'];
      yield* checkCalendars(source.due.calendar, config.calendars, at, `source "${source.name}"`);
    }
    if (source.supersedes !== undefined) yield* checkSupersedes(source, source.supersedes, config);
  }
}

function* checkSupersedes(
  source: SourceConfig,
  { sources, keys }: NonNullable<SourceConfig['supersedes']>,
  config: Config,
): Generator<CrossIssue> {
  const path = ['sources', source.name, 'supersedes'];
  const names = config.sources.map((each) => each.name);
  for (const [i, interim] of sources.entries()) {
    const at = [...path, 'sources', i];
    if (interim === source.name) {
      yield {
        path: at,
        message: `source "${interim}" cannot supersede itself; for newer versions of one id use amends: version`,
      };
      continue;
    }
    const other = config.sources.find((each) => each.name === interim);
    if (other === undefined) {
      yield {
        path: at,
        message: `unknown source "${interim}"${didYouMean(interim, names)} (configured are ${names.join(', ')})`,
      };
      continue;
    }
    if (
      other.supersedes?.sources.includes(source.name) === true &&
      names.indexOf(interim) > names.indexOf(source.name)
    ) {
      yield {
        path: at,
        message: `sources "${source.name}" and "${interim}" supersede each other; only the final one does`,
      };
    }
    for (const reconciliation of config.reconciliations) {
      const [here, there] = [sidesOf(reconciliation, source.name), sidesOf(reconciliation, interim)];
      if (here === '' || there === '' || here === there) continue;
      yield {
        path: at,
        message:
          `source "${source.name}" supersedes "${interim}", so both belong on the same side of a reconciliation; ` +
          `in "${reconciliation.name}" they are on ${here} and ${there}`,
      };
    }
  }
  for (const field of config.partitionBy) {
    if (field === 'account' || field === 'currency' || keys.includes(field)) continue;
    yield {
      path: [...path, 'keys'],
      message:
        `source "${source.name}" supersedes without the key "${field}", but partitionBy has it: the two records could lie in ` +
        `different partitions; add "${field}" to the keys or take it out of partitionBy`,
    };
  }
}

const SIDES: readonly Side[] = ['left', 'right'];

/** The sides on which a reconciliation lists a source: `left`, `left and right`, or nothing. */
function sidesOf(reconciliation: Reconciliation, source: string): string {
  return SIDES.filter((side) => reconciliation[side].sources.includes(source)).join(' and ');
}
