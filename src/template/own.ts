// Lists and dicts that a template made itself and gave a name, told apart from those of variables where Ansible does.

export const OWN_CONTAINERS: WeakSet<object> = new WeakSet();
