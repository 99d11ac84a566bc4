package devstack

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// A User is who a process runs as. Only root can start one as somebody else.
type User struct {
	// UID and GID are the numeric IDs of the user and its group.
	UID, GID int
}

func (u *User) credential() *syscall.Credential {
	return &syscall.Credential{Uid: uint32(u.UID), Gid: uint32(u.GID)}
}

// serverUser is who PostgreSQL, which refuses to be root, runs as: nil, the
// present user, unless that is root; else whoever owns the data already, or
// postgres, or nobody.
func serverUser(data string) (*User, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	if info, err := os.Stat(data); err == nil && ownerOf(info) != 0 {
		return &User{UID: ownerOf(info), GID: int(info.Sys().(*syscall.Stat_t).Gid)}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(found.Uid)
		gid, gidErr := strconv.Atoi(found.Gid)
		if uidErr == nil && gidErr == nil {
			return &User{UID: uid, GID: gid}, nil
		}
	}
	return nil, fmt.Errorf(
		"find a user for PostgreSQL, which refuses to run as root: neither postgres nor nobody exists",
	)
}

// canWrite says whether the user can get to a folder and write there. It asks
// the kernel, as that user, because permissions are more than mode bits.
func (u *User) canWrite(folder string) bool {
	if u == nil {
		u = &User{UID: os.Geteuid(), GID: os.Getegid()}
	}
	test := exec.Command("test", "-w", folder, "-a", "-x", folder)
	test.Dir = "/"
	if os.Geteuid() == 0 {
		test.SysProcAttr = &syscall.SysProcAttr{Credential: u.credential()}
	}
	return test.Run() == nil
}

// privateFile writes a file that nobody but the user (nil: the present one) may
// read. One that is there is replaced.
func privateFile(path, text string, who *User) error {
	_ = os.Remove(path)
	err := os.WriteFile(path, []byte(text), 0o600)
	if err == nil && who != nil {
		err = os.Chown(path, who.UID, who.GID)
	}
	if err != nil {
		return fmt.Errorf("write a file for a server: %w", err)
	}
	return nil
}
