import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONNECTOR_SCHEMAS, openSource, type Source } from '../../connectors/open-source.ts';
import { createConfigSchema, toRuleSet, type Config } from '../../engine/config/index.ts';
import type { Break, Match, MoneyRecord, Translated } from '../../engine/domain/index.ts';
import {
  ofType,
  recordsMessage,
  ReferenceMatcher,
  rulesMessage,
  tickMessage,
} from '../../engine/testing/index.ts';
import { FILES, LEDGER_HEADER } from './configuration.ts';
import { emiratesIban, IBAN, localDay } from './merchant.ts';
import { expectedOf, type Planted } from './planted.ts';
import { createScenario, type DemoStep, type Scenario } from './scenario.ts';

const NOW = Date.UTC(2026, 10, 22, 14, 5, 9);

/** The demo's day, told to the reference matcher by the real connectors, one matcher per account as if per partition. */
class Told {
  readonly matches: Match[] = [];
  readonly breaks = new Map<string, Break>();
  deadLetters = 0;
  readonly findings: string[] = [];
  readonly #config: Config;
  readonly #folder: string;
  readonly #sources: Map<string, Source>;
  readonly #matchers = new Map<string, { readonly matcher: ReferenceMatcher; sequence: number }>();
  logTime = NOW;

  constructor(scenario: Scenario, folder: string) {
    this.#folder = folder;
    this.#config = createConfigSchema(CONNECTOR_SCHEMAS).parse({
      sources: scenario.sources(folder),
      reconciliations: scenario.reconciliations,
    });
    this.#sources = new Map(this.#config.sources.map((spec) => [spec.name, openSource(spec)]));
  }

  async file(source: string, name: string, text: string): Promise<void> {
    this.logTime += 20;
    const path = join(this.#folder, name);
    writeFileSync(path, text);
    for await (const batch of this.#sources.get(source)!.readFile(path, name)) this.#take(batch);
  }

  async step(step: DemoStep): Promise<void> {
    this.logTime += 100;
    if (step.kind === 'post') this.#take(this.#sources.get('gateway')!.translate(step.post));
    else await this.file('ledger', 'appended.csv', `${LEDGER_HEADER}\n${step.text}`);
  }

  silence(ms: number): void {
    this.logTime += ms;
    for (const [account, each] of this.#matchers)
      this.#keep(account, each.matcher.apply(tickMessage(++each.sequence, this.logTime)));
  }

  get duplicates(): number {
    return [...this.#matchers.values()].reduce((sum, { matcher }) => sum + matcher.counts().duplicates, 0);
  }

  get records(): number {
    return [...this.#matchers.values()].reduce((sum, { matcher }) => sum + matcher.counts().records, 0);
  }

  openBreaks(kind: string): Break[] {
    return [...this.breaks.values()].filter((each) => each.state === 'open' && each.kind === kind);
  }

  #take(items: readonly Translated[]): void {
    for (const item of items) {
      if (item.type === 'deadLetter') this.deadLetters += 1;
      else if (item.type === 'finding') this.findings.push(item.finding.message);
      else if (item.type === 'record') this.#record(item.record);
    }
  }

  #record(record: MoneyRecord): void {
    let known = this.#matchers.get(record.account);
    if (known === undefined) {
      known = {
        matcher: new ReferenceMatcher({ epoch: 0, partition: 0, watermark: 'sources' }),
        sequence: 0,
      };
      known.matcher.apply(rulesMessage(0, NOW, toRuleSet(this.#config)));
      this.#matchers.set(record.account, known);
    }
    known.sequence += 1;
    this.#keep(record.account, known.matcher.apply(recordsMessage(known.sequence, this.logTime, [record])));
  }

  #keep(account: string, results: ReturnType<ReferenceMatcher['apply']>): void {
    this.matches.push(...ofType(results, 'match'));
    for (const each of ofType(results, 'break'))
      this.breaks.set(`${account} ${each.breakSequence}-${each.breakN}`, each);
  }
}

/** Files and posts reach the log side by side: whichever comes first, the day ends the same. */
const ORDERS = ['files first', 'gateway first'] as const;

describe.each(ORDERS)('the demo scenario, %s', (order) => {
  let folder: string;
  let told: Told;
  let planted: Readonly<Planted>;
  let steps: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'counterfoil-demo-'));
    const scenario = createScenario({ seed: 7, now: NOW, streamSeconds: 12, speed: 600 });
    told = new Told(scenario, folder);
    const ledger = async (): Promise<void> => {
      await told.file('ledger', FILES.ledger, scenario.files[FILES.ledger]!);
    };
    const posts = async (): Promise<void> => {
      for (const post of scenario.history) await told.step({ kind: 'post', post });
    };
    const bank = (): Promise<void> => told.file('bank', FILES.statement, scenario.files[FILES.statement]!);
    const book = (): Promise<void> => told.file('cash-book', FILES.cashBook, scenario.files[FILES.cashBook]!);
    for (const next of order === 'files first' ? [book, bank, ledger, posts] : [bank, posts, ledger, book]) {
      await next();
    }
    steps = 0;
    let clock = NOW;
    const pace = { clock: () => clock, sleep: async (ms: number) => void (clock += Math.max(0, ms)) };
    for await (const step of scenario.stream(pace)) {
      steps += 1;
      await told.step(step);
    }
    // Less than any window: what is open now is open because of the day, not because of the waiting.
    told.silence(10_000);
    told.silence(60_000);
    planted = scenario.planted;
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('begins with a few thousand records and goes on', () => {
    expect(told.records).toBeGreaterThan(3000);
    expect(steps).toBeGreaterThan(40);
  });

  it('finds everything that was planted, and nothing else', () => {
    const expected = expectedOf(planted);
    expect(told.openBreaks('unmatched')).toHaveLength(expected.breaks.unmatched);
    expect(told.openBreaks('amount')).toHaveLength(expected.breaks.amount);
    expect(told.duplicates).toBe(expected.duplicates);
    expect(told.deadLetters).toBe(expected.deadLetters);
    const different = told.matches.filter((match) => match.difference !== 0);
    expect(different).toHaveLength(planted.roundingDifference + planted.transferFee);
    const byAmount = told.matches.filter((match) => match.rule === 'by-amount-and-date');
    expect(byAmount).toHaveLength(planted.creditWithoutReference);
  });

  it('plants each trouble at least once', () => {
    for (const [trouble, count] of Object.entries(planted)) expect(count, trouble).toBeGreaterThan(0);
  });

  it('matches all the rest: every accepted record is in one match or one open break', () => {
    const legs = told.matches.length * 2;
    const members = [...told.breaks.values()]
      .filter((each) => each.state === 'open')
      .flatMap((each) => each.members);
    expect(legs + members.length).toBe(told.records);
  });

  it('heals what was late', () => {
    const healed = [...told.breaks.values()].filter((each) => each.state === 'resolved');
    expect(healed.length).toBeGreaterThan(0);
  });

  it('states a bank week that balances', () => {
    expect(told.findings).toEqual([]);
  });
});

describe('a scenario', () => {
  it('is the same for the same seed and time, and another for another seed', () => {
    const of = (seed: number): unknown => {
      const { files, history } = createScenario({ seed, now: NOW, historySales: 300 });
      return { files, history };
    };
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });

  it('never runs ahead of the clock, and goes on when it has caught up', async () => {
    const scenario = createScenario({ seed: 1, now: NOW, historySales: 10, speed: 100_000 });
    let clock = NOW;
    let posts = 0;
    for await (const step of scenario.stream({
      clock: () => clock,
      sleep: async (ms) => void (clock += Math.max(0, ms)),
    })) {
      if (step.kind !== 'post') continue;
      for (const record of step.post.records)
        expect(Date.parse(record.time)).toBeLessThanOrEqual(clock + 1000);
      posts += 1;
      if (posts === 40) break;
    }
    expect(posts).toBe(40);
    expect(clock - NOW).toBeGreaterThan(5000);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const scenario = createScenario({ seed: 1, now: NOW, historySales: 10 });
    setTimeout(() => {
      stop.abort();
    }, 50);
    const started = Date.now();
    for await (const step of scenario.stream({ signal: stop.signal })) expect(step).toBeDefined();
    expect(Date.now() - started).toBeLessThan(2000);
  });

  it('writes an IBAN that passes mod 97, and statement references of at most 16 characters', () => {
    const remainder = (iban: string): bigint =>
      BigInt(
        `${iban.slice(4)}${iban.slice(0, 4)}`.replaceAll(/[A-Z]/g, (letter) => `${parseInt(letter, 36)}`),
      ) % 97n;
    expect(remainder(IBAN)).toBe(1n);
    expect(IBAN).toMatch(/^AE\d{21}$/);
    expect(emiratesIban('033', '1234567890123456')).toBe('AE070331234567890123456');
    const statement = createScenario({ seed: 1, now: NOW }).files[FILES.statement]!;
    const lines = statement.split('\r\n').filter((line) => line.startsWith(':61:'));
    expect(lines.length).toBeGreaterThan(35);
    for (const line of lines) {
      expect(line).toMatch(/^:61:\d{10}[CD]D\d{1,12},\d{2}N[A-Z]{3}[^/]{1,16}\/\/FT\d{8}$/);
    }
    expect(statement.match(/:60F:/g)).toHaveLength(7);
    expect(statement).toContain(
      `:62F:C${new Date((localDay(NOW) - 1) * 86_400_000).toISOString().slice(2, 10).replaceAll('-', '')}AED`,
    );
  });
});
