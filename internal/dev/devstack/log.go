package devstack

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/natefinch/lumberjack.v2"
)

const (
	// logMegabytes is how long a log gets before it goes on in another file.
	logMegabytes = 10
	// formerLogs is how many files of it are kept besides.
	formerLogs = 3
)

// OpenLog begins the log of a process, NAME.log in a folder that is made when it
// is missing. Both are their user's alone. The logs of former runs and what gets
// too long go to NAME-TIME.log; of these the latest 3 are kept, of 10 MB each.
func OpenLog(folder, name string) (io.WriteCloser, error) {
	log := &lumberjack.Logger{
		Filename: filepath.Join(folder, strings.ReplaceAll(name, " ", "-")+".log"),
		MaxSize:  logMegabytes, MaxBackups: formerLogs,
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name, err)
	}
	former, err := os.Stat(log.Filename)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		_, err = log.Write(nil)
	case err == nil:
		// The next one takes its rights over.
		if err = os.Chmod(log.Filename, 0o600); err == nil && former.Size() > 0 {
			err = log.Rotate()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name, err)
	}
	return log, nil
}
