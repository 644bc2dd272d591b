// Every test by name.
import type { Tests } from '../plugin.ts';
import { ANSIBLE_TESTS } from './ansible.ts';
import { BASIC_TESTS } from './basics.ts';
import { COMMUNITY_TESTS } from './community.ts';
import { NETWORK_TESTS } from './network.ts';

export const CORE_TESTS: Tests = { ...BASIC_TESTS, ...ANSIBLE_TESTS };
/** Those of ansible.utils and community.general. */
export const COLLECTION_TESTS: Tests = { ...COMMUNITY_TESTS, ...NETWORK_TESTS };
