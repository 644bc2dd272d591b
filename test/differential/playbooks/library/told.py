#!/usr/bin/python
# A module of the playbook's own: tells its arguments, and writes a file where it is given one.
import os
import tempfile

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.text.converters import to_native
from ansible.module_utils.shout import shout


def main():
    module = AnsibleModule(
        argument_spec=dict(
            name=dict(required=True, aliases=['title']), count=dict(type='int', default=1), flag=dict(type='bool'), words=dict(type='list', elements='str'), size=dict(type='bytes'),
            secret=dict(no_log=True), state=dict(choices=['present', 'absent'], default='present'), path=dict(type='path'), extra=dict(type='dict', options=dict(a=dict(type='float'), b=dict(default='x'))),
        ),
        add_file_common_args=True, supports_check_mode=True, required_if=[('state', 'absent', ['path'])], mutually_exclusive=[['flag', 'words']],
    )
    given = module.params
    if given['name'] == 'fail':
        module.fail_json(msg='as asked', name=to_native(given['name']))
    rc, out, err = module.run_command(['sh', '-c', 'cat; echo $GREETING; exit 4'], data='in', environ_update={'GREETING': 'hi'})
    changed = False
    if given['path']:
        text = shout(given['name']) * given['count']
        old = open(given['path']).read() if os.path.exists(given['path']) else None
        changed = old != text
        if changed and not module.check_mode:
            handle, temporary = tempfile.mkstemp(dir=module.tmpdir)
            os.write(handle, text.encode())
            os.close(handle)
            module.atomic_move(temporary, given['path'])
        changed = module.set_fs_attributes_if_different(module.load_file_common_arguments(given), changed)
    module.exit_json(
        changed=changed, ran=[rc, out, err], shown='the %s' % given['secret'], ansible_facts=dict(told=given['count']),
        given={name: given[name] for name in ('name', 'count', 'flag', 'words', 'size', 'state', 'extra')}, sum=module.sha256(given['path']) if given['path'] and not module.check_mode else None,
    )


if __name__ == '__main__':
    main()
