/** The port through which steps send email. */
export interface Mailer {
  /** Throws StepError NOTIFICATION_FAILED; retryable unless the server refused the mail for good (5xx). */
  send(mail: Mail): Promise<{ readonly messageId: string }>;
}

export interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** Makes the Message-ID, so that receivers can tell a repeated delivery. */
  readonly idempotencyKey: string;
}
