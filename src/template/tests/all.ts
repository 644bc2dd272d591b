// Every test by name.
import type { Tests } from '../plugin.ts';
export const CORE_TESTS: Tests = {};
export const COLLECTION_TESTS: Tests = {};
