package verify

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// capabilityNames are those of linux/capability.h, by number.
var capabilityNames = strings.Fields(`chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable
	net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin
	sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog
	wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore`)

// capabilities returns the attribute security.capability as getcap prints it. The kernel's struct vfs_cap_data: a word with revision
// and the effective bit, then permitted and inheritable, each of 32 bits, twice since revision 2.
func capabilities(value []byte) string {
	if len(value) < 12 || len(value)%4 != 0 {
		return fmt.Sprintf("unreadable (%d bytes)", len(value))
	}
	word := func(i int) uint64 {
		if i*4 >= len(value) {
			return 0
		}
		return uint64(binary.LittleEndian.Uint32(value[i*4:]))
	}
	permitted, inheritable := word(1), word(2)
	if word(0)>>24 >= 2 { // revision
		permitted, inheritable = permitted|word(3)<<32, inheritable|word(4)<<32
	}
	effective := ""
	if word(0)&1 != 0 {
		effective = "e"
	}
	byFlags := map[string][]string{}
	for bit := range 64 {
		flags := ""
		if inheritable>>bit&1 != 0 {
			flags += "i"
		}
		if permitted>>bit&1 != 0 {
			flags += "p"
		}
		if flags == "" {
			continue
		}
		name := fmt.Sprint(bit)
		if bit < len(capabilityNames) {
			name = "cap_" + capabilityNames[bit]
		}
		byFlags[effective+flags] = append(byFlags[effective+flags], name)
	}
	var texts []string
	for _, flags := range []string{"eip", "ep", "ei", "ip", "p", "i"} {
		if names := byFlags[flags]; len(names) > 0 {
			texts = append(texts, strings.Join(names, ",")+"="+flags)
		}
	}
	return strings.Join(texts, " ")
}
