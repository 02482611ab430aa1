type Environment = Readonly<Record<string, string | undefined>>;

const SECRET_NAME = /(TOKEN|SECRET|KEY|PASSWORD|PASSPHRASE)$/;
/** Shorter ones are in every other word: hiding them would make the logs unreadable and hide nothing. */
const MIN_LENGTH = 4;

function listUrlSecrets(value: string): string[] {
  if (!URL.canParse(value)) return [];
  const { password } = new URL(value);
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    // A password that is no valid percent-encoding stands in the address as it is.
    return [password];
  }
}

/**
 * Every value in the environment that a log must not show: by the variable's name, whoever reads it (an engine's key that only a
 * policy names is one), and the passwords inside addresses.
 */
export function listSecretValues(env: Environment): string[] {
  const values = Object.entries(env).flatMap(([name, value]) => {
    const text = value?.trim() ?? '';
    return SECRET_NAME.test(name) ? [text, ...listUrlSecrets(text)] : listUrlSecrets(text);
  });
  return [...new Set(values)].filter((value) => value.length >= MIN_LENGTH);
}
