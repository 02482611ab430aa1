/** What is to be said of a server before anything is trusted to it. */
export interface Judgement {
  /** Reasons not to start. */
  problems: readonly string[];
  /** What should be known to an operator all the same. */
  warnings: readonly string[];
}
