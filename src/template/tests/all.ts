// Every test by name.
import type { Tests } from '../plugin.ts';
import { ANSIBLE_TESTS } from './ansible.ts';
import { BASIC_TESTS } from './basics.ts';

export const CORE_TESTS: Tests = { ...BASIC_TESTS, ...ANSIBLE_TESTS };
export const COLLECTION_TESTS: Tests = {};
