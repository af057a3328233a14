export type { Mail, Mailer } from "./mailer.ts";
export { createMailer } from "./nodemailer.ts";
