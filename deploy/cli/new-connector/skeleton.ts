/** What the files of a new connector are made from. */
export interface Skeleton {
  /** As configurations write it, such as `acme-pay`. */
  readonly name: string;
  /** As code names its values, such as `acmePay`. */
  readonly identifier: string;
  /** As code names its types, such as `AcmePay`. */
  readonly type: string;
}
