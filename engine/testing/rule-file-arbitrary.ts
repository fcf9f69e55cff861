import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { EXPRESSIONS, NAMES, TOKENS, VALUES } from './rule-file-values.ts';

type Json = unknown;
type Container = Json[] | { [key: string]: Json };

/** A configuration that tests start from, with the folder that its paths start from. */
export interface RuleFile {
  readonly text: string;
  readonly directory: string;
}

/** A configuration that began as one of `seeds` and was mutated in its structure, its text, both or nothing. */
export function ruleFileArbitrary(seeds: readonly RuleFile[]): fc.Arbitrary<RuleFile> {
  const parsed = seeds.map((seed) => ({ ...seed, root: parse(seed.text) as Json }));
  return fc
    .tuple(
      fc.constantFrom(...parsed),
      fc.array(structureMutation, { maxLength: 3 }),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(textMutation, { maxLength: 3 }) },
      ),
    )
    .map(([{ text, directory, root }, structure, inText]) => {
      const begun = structure.length === 0 ? text : mutateStructure(structuredClone(root), structure);
      return { text: inText.reduce(mutateText, begun), directory };
    });
}

interface StructureMutation {
  readonly at: number;
  readonly from: number;
  readonly how: 'replace' | 'regex' | 'remove' | 'rename' | 'repeat' | 'graft' | 'add';
  readonly value: Json;
  readonly regex: string;
  readonly name: string;
}

const regex = fc.oneof(
  fc.constantFrom(...EXPRESSIONS),
  fc.stringMatching(/^[a-c(|)*+?.[\]{}0-9,\\dwsbQE^$:-]{1,40}$/),
  fc.string({ maxLength: 30 }),
);

const structureMutation: fc.Arbitrary<StructureMutation> = fc.record({
  at: fc.nat(),
  from: fc.nat(),
  how: fc.constantFrom('replace', 'regex', 'regex', 'remove', 'rename', 'repeat', 'graft', 'add'),
  value: fc.oneof(fc.constantFrom(...VALUES), fc.jsonValue({ maxDepth: 2 })),
  regex,
  name: fc.constantFrom(...NAMES),
});

function mutateStructure(root: Json, mutations: readonly StructureMutation[]): string {
  for (const mutation of mutations) {
    const places = placesOf(root);
    if (places.length === 0) break;
    mutate(places, mutation);
  }
  return stringify(root);
}

interface Place {
  readonly container: Container;
  readonly key: string | number;
}

/** Every value in a document, by what holds it. */
function placesOf(root: Json): Place[] {
  const places: Place[] = [];
  const visit = (value: Json, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 40) return;
    const container = value as Container;
    const keys = Array.isArray(container) ? container.keys() : Object.keys(container);
    for (const key of keys) {
      places.push({ container, key });
      visit(get({ container, key }), depth + 1);
    }
  };
  visit(root, 0);
  return places;
}

function get({ container, key }: Place): Json {
  return (container as { [key: string]: Json })[key];
}

function set({ container, key }: Place, value: Json): void {
  Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });
}

function mutate(
  places: readonly Place[],
  { at, from, how, value, regex: expression, name }: StructureMutation,
): void {
  const patterns = places.filter(({ key }) => key === 'capture' || key === 'captureAll');
  const place =
    how === 'regex' && patterns.length > 0 ? patterns[at % patterns.length]! : places[at % places.length]!;
  const { container, key } = place;
  switch (how) {
    case 'regex':
      set(place, patterns.length > 0 ? expression : { field: 'id', normalise: [{ capture: expression }] });
      break;
    case 'replace':
      set(place, structuredClone(value));
      break;
    case 'graft':
      set(place, structuredClone(get(places[from % places.length]!)));
      break;
    case 'repeat':
      if (Array.isArray(container)) container.push(structuredClone(container[Number(key)]));
      break;
    case 'remove':
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else Reflect.deleteProperty(container, key);
      break;
    case 'rename':
      if (Array.isArray(container)) break;
      set({ container, key: name }, get(place));
      if (name !== key) Reflect.deleteProperty(container, key);
      break;
    case 'add':
      if (!Array.isArray(container)) set({ container, key: name }, structuredClone(value));
  }
}

interface TextMutation {
  readonly at: number;
  readonly length: number;
  readonly insert: string;
}

const textMutation: fc.Arbitrary<TextMutation> = fc.record({
  at: fc.nat(),
  length: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 200 })),
  insert: fc.oneof(fc.constant(''), fc.constantFrom(...TOKENS), fc.string({ maxLength: 6 })),
});

function mutateText(text: string, { at, length, insert }: TextMutation): string {
  const start = text.length === 0 ? 0 : at % text.length;
  return text.slice(0, start) + insert + text.slice(start + length);
}
