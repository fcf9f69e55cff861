import type { RecordKind } from '../../../engine/domain/index.ts';

/** The payment companies of a scenario. Its bank is the fourth source, {@link BANK}. */
export const PROVIDERS = ['stripe', 'paypal', 'networkInternational'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** The source of bank lines. */
export const BANK = 'bank';
export type ScenarioSource = Provider | typeof BANK;

/** An amount in minor units of its currency by ISO 4217, whatever units a provider writes it in. */
export interface Sum {
  readonly currency: string;
  readonly amount: bigint;
}

/** How a payment was made: what providers report about it, and nobody matches by. */
export interface CardFacts {
  readonly scheme: 'visa' | 'mastercard';
  readonly funding: 'credit' | 'debit';
  readonly country: string;
  /** Of the card's own number. */
  readonly last4: string;
  readonly wallet?: 'apple_pay' | 'google_pay' | 'samsung_pay';
  /** Of the number that the wallet's device has instead. */
  readonly deviceLast4?: string;
  readonly networkToken: boolean;
  /** Six digits that the issuer gave. */
  readonly authorizationCode: string;
  /** Retrieval reference number: twelve digits that the acquirer gave. */
  readonly rrn: string;
}

/** One sale. Ids here are the scenario's own; a simulator makes its provider's ids of them. */
export interface Payment {
  readonly id: string;
  readonly provider: Provider;
  readonly merchant: string;
  /** The merchant's own number, the same in every system. */
  readonly order: string;
  /** What the payer saw. */
  readonly presented: Sum;
  readonly card: CardFacts;
}

/**
 * One change of the balance that a merchant has with a provider: what becomes one record. Amounts are in the currency
 * of the balance, signed as the balance changes; fee and tax are costs and positive.
 */
export interface Movement extends Sum {
  readonly id: string;
  readonly provider: Provider;
  readonly merchant: string;
  readonly kind: Extract<
    RecordKind,
    'charge' | 'refund' | 'refundFailure' | 'chargeback' | 'chargebackReversal' | 'payout' | 'payoutFailure'
  >;
  /** Epoch milliseconds, whole seconds. */
  readonly atMs: number;
  /** From when on a payout may take it along; midnight UTC. */
  readonly availableMs: number;
  readonly fee: bigint;
  readonly tax: bigint;
  /** What the payer saw, signed like the amount, where its currency is another; and the rate in major units. */
  readonly presented?: Sum & { readonly rate: string };
  /** The movement that this one refunds, reverses or disputes. */
  readonly link?: string;
}

/** Money on its way from a provider to the bank. */
export interface Payout extends Sum {
  readonly id: string;
  readonly provider: Provider;
  readonly merchant: string;
  readonly atMs: number;
  /** The day on which the bank is to have it; midnight UTC. */
  readonly arrivalMs: number;
  /** Movements that make it up: their nets sum to the amount. */
  readonly members: readonly string[];
  /** What the bank's line carries too, where the banks pass it on. */
  readonly trace?: string;
  readonly statementText: string;
  readonly failureCode?: string;
}

/** One line of a bank account. */
export interface BankLine extends Sum {
  readonly id: string;
  readonly merchant: string;
  readonly atMs: number;
  readonly text: string;
  readonly trace?: string;
  /** The payout that it carries or returns, which the line itself does not say. */
  readonly payout: string;
}

interface At {
  /** Epoch milliseconds, whole seconds. */
  readonly atMs: number;
}

/** Something that happens in the world of a scenario, at a moment. Only some of it moves money. */
export type Happening =
  | (At & { readonly type: 'charge'; readonly payment: Payment; readonly movement: Movement })
  | (At & { readonly type: 'refund' | 'refundFailed'; readonly refund: string } & OfPayment)
  | (At & { readonly type: 'dispute' | 'disputeWon'; readonly dispute: string } & OfPayment)
  | (At & { readonly type: 'disputeLost'; readonly dispute: string; readonly payment: Payment })
  | (At & { readonly type: 'payout' | 'payoutFailed'; readonly payout: Payout; readonly movement: Movement })
  /** Sent; its members are known; its trace id is known. In this order, and none needs the one before. */
  | (At & { readonly type: 'payoutPaid' | 'payoutReconciled' | 'payoutTraced'; readonly payout: Payout })
  | (At & { readonly type: 'bankLine'; readonly line: BankLine });

interface OfPayment {
  readonly payment: Payment;
  readonly movement: Movement;
}

/** A record that a source must have brought in the end, whatever went wrong on the way. */
export interface ExpectedRecord extends Sum {
  /** Of the movement or bank line. */
  readonly id: string;
  readonly kind: RecordKind;
  readonly merchant: string;
  readonly atMs: number;
  readonly fee: bigint;
  readonly tax: bigint;
  readonly presented?: Sum;
  readonly availableMs?: number;
  /** It was told of and came to nothing. */
  readonly isVoid?: boolean;
  readonly link?: string;
  /** The payout that it is a member of, or is. */
  readonly payout?: string;
  readonly trace?: string;
}
