// What several tests expect.
import assert from 'node:assert/strict';

/** Expects an AppwriteException with a status and a type. */
export async function refused(promise, code, type) {
  let error;
  try {
    await promise;
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error, `expected ${code} ${type}, got an answer`);
  assert.deepEqual([error.code, error.type], [code, type], error.message);
}

/** A value as JSON has it: some SDKs make objects without a prototype. */
export const plain = (value) => JSON.parse(JSON.stringify(value));
