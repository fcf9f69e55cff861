/** What one source has brought. */
export interface SourceFigures {
  readonly source: string;
  /** Records that the log took, repetitions and later versions included. */
  readonly records: number;
  /** Webhooks that came, whatever became of them. */
  readonly deliveries: number;
  /** Webhooks that were refused because nobody with the secret had signed them. */
  readonly refused: number;
  /** Records that polling found and no webhook had brought. */
  readonly gaps: number;
}

/** What the demo shows. Counts are since its start. */
export interface DisplayState {
  /** What it is doing, in a few words: "starting the broker", "day 3: sales go on". */
  readonly phase: string;
  readonly elapsedMs: number;
  readonly records: number;
  /** Records per second, lately. */
  readonly rate: number;
  readonly matches: number;
  /** Records in memory: inside their window, or broken and still matchable. */
  readonly open: number;
  /** Those of them that still wait inside their window. */
  readonly pending: number;
  /** Open breaks by kind. */
  readonly breaks: { readonly [kind: string]: number };
  /** Breaks that a later match resolved. */
  readonly healed: number;
  readonly duplicates: number;
  readonly deadLetters: number;
  /** In the order in which they are shown. */
  readonly sources: readonly SourceFigures[];
  /** From a record's place in the log to its match, milliseconds; absent before the first match. */
  readonly latencyMs?: { readonly p50: number; readonly p99: number };
  /** Base address of the API; absent before it listens. */
  readonly api?: string;
  /** What was put into the books so far, in words and numbers; shown against what is found. */
  readonly planted?: readonly (readonly [what: string, count: number])[];
}

export interface DisplayStyle {
  readonly colour: boolean;
  /** Columns of the terminal: no line is longer. */
  readonly width: number;
  /** Lines that there is room for; the list of what was planted is cut to it. No limit where absent. */
  readonly height?: number;
}

const RESET = '\u001b[0m';
const BOLD = '\u001b[1m';
const DIM = '\u001b[2m';
const GREEN = '\u001b[32m';
const YELLOW = '\u001b[33m';
const CYAN = '\u001b[36m';
/** Columns of a label, so that figures stand below each other. */
const LABEL = 15;
/** Columns of a source's name. */
const NAME = 24;

/** The screen as lines, without a line end after the last. */
export function renderDisplay(state: DisplayState, style: DisplayStyle): string {
  const kinds = Object.entries(state.breaks).filter(([, count]) => count > 0);
  const broken = kinds.reduce((sum, [, count]) => sum + count, 0);
  const byKind = kinds.map(([kind, count]) => `${kind} ${grouped(count)}`).join(', ');
  const rows: Row[] = [
    { text: `Counterfoil · ${state.phase} · ${duration(state.elapsedMs)}`, colour: BOLD },
    { text: '' },
    figure('records', state.records, `${grouped(Math.round(state.rate))}/s`),
    figure('matches', state.matches, latency(state), GREEN),
    figure('open', state.open, 'inside their window, or broken and still matchable'),
    figure('breaks', broken, byKind, broken > 0 ? YELLOW : undefined),
    figure('healed', state.healed, 'breaks that a late counterpart resolved'),
    figure('duplicates', state.duplicates, ''),
    figure('dead letters', state.deadLetters, 'input that is no record, kept with its reason'),
  ];
  rows.push(...sourceRows(state.sources));
  rows.push({ text: '' });
  if (state.api === undefined) rows.push({ text: 'API           starting', colour: DIM });
  else {
    rows.push({ text: `API           ${state.api}/v1/summary`, colour: CYAN });
    rows.push({ text: `docs          ${state.api}/docs`, colour: CYAN });
    rows.push({ text: `live          ${state.api}/v1/live`, colour: CYAN });
  }
  rows.push({ text: 'Ctrl-C stops everything', colour: DIM });
  rows.push(...plantedRows(state.planted ?? [], (style.height ?? Infinity) - rows.length));
  return rows.map((row) => painted(row, style)).join('\n');
}

/** The state in one line, for a log. */
export function renderLine(state: DisplayState): string {
  const breaks = Object.entries(state.breaks)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(' ');
  const parts = [
    `${duration(state.elapsedMs)} ${state.phase}`,
    `records ${state.records} (${Math.round(state.rate)}/s)`,
    `matches ${state.matches}`,
    `open ${state.open}`,
    `breaks ${breaks === '' ? '0' : breaks}`,
    `healed ${state.healed}`,
    `duplicates ${state.duplicates}`,
    `dead letters ${state.deadLetters}`,
  ];
  const gaps = state.sources.reduce((sum, source) => sum + source.gaps, 0);
  parts.push(`gaps found ${gaps}`);
  if (state.latencyMs !== undefined) parts.push(latency(state));
  if (state.api !== undefined) parts.push(`${state.api}/docs`);
  return parts.join(' · ');
}

interface Row {
  readonly text: string;
  readonly colour?: string | undefined;
}

/** A line a source. */
function sourceRows(sources: readonly SourceFigures[]): Row[] {
  if (sources.length === 0) return [];
  const row = (label: string, cells: readonly string[]): string =>
    `${label.padEnd(NAME)}${cells.map((cell) => cell.padStart(12)).join('')}`.trimEnd();
  const shown = (count: number): string => (count === 0 ? '–' : grouped(count));
  return [
    { text: '' },
    { text: row('from', ['records', 'webhooks', 'forged', 'gaps found']), colour: DIM },
    ...sources.map(({ source, records, deliveries, refused, gaps }) => ({
      text: row(source, [records, deliveries, refused, gaps].map(shown)),
    })),
  ];
}

/** The list in at most `room` lines, saying what it leaves out. */
function plantedRows(planted: readonly (readonly [string, number])[], room: number): Row[] {
  const titled = 2;
  if (planted.length === 0 || room <= titled) return [];
  const shown = planted.length + titled <= room ? planted.length : room - titled - 1;
  const rows = planted
    .slice(0, shown)
    .map(([what, count]) => ({ text: `  ${grouped(count).padStart(6)}  ${what}` }));
  const left = planted.length - shown;
  if (left > 0) rows.push({ text: `          and ${left} more kinds, in a taller window` });
  return [{ text: '' }, { text: 'put into the books so far', colour: DIM }, ...rows];
}

function figure(label: string, value: number, note: string, colour?: string): Row {
  return { text: `${label.padEnd(LABEL)}${grouped(value).padStart(10)}   ${note}`.trimEnd(), colour };
}

function latency({ latencyMs }: DisplayState): string {
  if (latencyMs === undefined) return '';
  return `latency p50 ${Math.round(latencyMs.p50)} ms, p99 ${Math.round(latencyMs.p99)} ms`;
}

/** Cut before it is coloured: a cut escape sequence would colour the rest of the screen. */
function painted({ text, colour }: Row, style: DisplayStyle): string {
  const cut = text.slice(0, Math.max(1, style.width));
  return style.colour && colour !== undefined ? `${colour}${cut}${RESET}` : cut;
}

function grouped(value: number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m ${(seconds % 60).toString().padStart(2, '0')}s`;
}
