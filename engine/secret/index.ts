export { claimKey } from "./claim-key.ts";
export { KEY_BYTES, Keyring, type SealPlace } from "./keyring.ts";
export { hideHeaders, isSecretName } from "./secret-name.ts";
export { createWebhookSecret, isHubSignedBy, isSignedBy, SECRET_FORM, secretKey, signMessage } from "./signature.ts";
