/** Something that would not survive Citus, a retry or an auditor. */
export interface Finding {
  readonly rule: string;
  /** The table, or the file and line. */
  readonly where: string;
  readonly what: string;
}
