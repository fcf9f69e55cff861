import { gatewayToBank, source } from './story-rules.ts';
import type { RuleSet } from '../domain/index.ts';

/** What is told, and where the watermark stands after it, as HH:MM on 2026-11-22; `-` before it has moved. */
export interface WatermarkStory {
  readonly name: string;
  readonly rules: RuleSet;
  readonly lines: readonly (readonly [told: string, watermark: string])[];
}

const rules = gatewayToBank({
  sources: [source('gateway', { outOfOrder: '10m' }), source('bank')],
});

/** SEMANTICS §3.2, worked by hand. The rules message comes at 09:00; a source is idle after 30 minutes. */
export const WATERMARK_STORIES: readonly WatermarkStory[] = [
  {
    name: 'the lowest active source holds the watermark, an idle one does not, and it never goes back',
    rules,
    lines: [
      ['tick at 09:00', '-'],
      ['gateway g1 1.00 A 09:01 at 09:01', '-'], // the bank has not spoken, but may: 1 minute since the rules
      ['bank b1 1.00 B 08:30 at 09:02', '08:30'], // the lower of 08:51 and 08:30
      ['bank b2 1.00 C 09:05 at 09:05', '08:51'],
      ['gateway g2 1.00 D 09:06 at 09:06', '08:56'],
      ['gateway g3 1.00 E 09:30 at 09:30', '09:05'], // the lower of 09:20 and 09:05
      ['tick at 09:34:59.999', '09:05'],
      ['tick at 09:35', '09:20'], // the bank has been silent for 30 minutes
      ['bank b3 1.00 F 09:10 at 09:36', '09:20'], // active again at 09:10: no way back
      ['tick at 10:02', '09:20'], // the gateway fell idle at 10:00; the bank stands at 09:10
      ['tick at 10:10', '09:24'], // both idle since 10:06: 4 minutes of log time
      ['tick at 10:15', '09:29'],
      ['bank b4 1.00 G 10:15 at 10:15', '10:15'], // the only active source
    ],
  },
  {
    name: 'a source never heard counts from the rules message',
    rules,
    lines: [
      ['gateway g1 1.00 A 09:20 at 09:20', '-'],
      ['tick at 09:29:59.999', '-'],
      ['tick at 09:30', '09:10'],
    ],
  },
  {
    name: 'when the last sources fall idle between two messages, the watermark reaches them first',
    rules,
    lines: [
      ['bank b1 1.00 A 09:05 at 09:05', '-'],
      ['gateway g1 1.00 B 09:20 at 09:20', '09:05'],
      ['tick at 10:00', '09:20'], // gateway last idle, at 09:50: 09:10, and 10 minutes since
    ],
  },
  {
    name: 'all idle and never a record: there is no watermark to advance',
    rules,
    lines: [['tick at 20:00', '-']],
  },
  {
    name: 'a record beyond log time + maxAhead moves nothing, but shows that its source lives',
    rules,
    lines: [
      ['bank b1 1.00 A 09:00 at 09:00', '-'],
      ['gateway g1 1.00 B 09:10 at 09:10', '09:00'],
      ['bank b2 1.00 C 2062-11-22T09:00 at 09:15', '09:00'],
      ['tick at 09:35', '09:00'], // without b2 the bank would be idle since 09:30
      ['tick at 09:45', '09:00'], // the gateway fell idle at 09:40, the bank only now: it stands at 09:00
      ['tick at 09:50', '09:05'],
    ],
  },
  {
    name: 'a duplicate moves nothing and is no sign of life',
    rules,
    lines: [
      ['bank b1 1.00 A 09:00 at 09:00', '-'],
      ['gateway g1 1.00 B 09:20 at 09:20', '09:00'],
      ['bank b1 1.00 A 09:00 at 09:29', '09:00'],
      ['tick at 09:30', '09:10'],
    ],
  },
  {
    name: 'progress is as good as a record',
    rules,
    lines: [
      ['gateway g1 1.00 B 09:20 at 09:20', '-'],
      ['progress bank 09:15 at 09:21', '09:10'],
      ['gateway g2 1.00 C 09:40 at 09:40', '09:15'],
      ['progress stranger 08:00 at 09:41', '09:15'],
      ['progress bank 09:40 at 09:42', '09:30'],
    ],
  },
  {
    name: 'progress without a time shows that its source lives, and moves no mark',
    rules,
    lines: [
      ['bank b1 1.00 A 09:00 at 09:00', '-'],
      ['gateway g1 1.00 B 09:20 at 09:20', '09:00'],
      ['progress bank - at 09:29', '09:00'],
      ['tick at 09:30', '09:00'],
      ['gateway g2 1.00 C 09:40 at 09:40', '09:00'],
      ['tick at 09:59', '09:30'],
    ],
  },
];
