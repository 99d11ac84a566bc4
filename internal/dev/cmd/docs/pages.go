package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// pages is every Markdown page of a repository, by its path. Folders that no source is in are passed over: hidden ones
// and bin. A repository without any page is an error: it is some other folder.
func pages(root string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := path != root && strings.HasPrefix(entry.Name(), ".")
		switch {
		case entry.IsDir() && (hidden || path == filepath.Join(root, "bin")):
			return filepath.SkipDir
		case !entry.IsDir() && filepath.Ext(path) == ".md":
			found = append(found, path)
		}
		return nil
	})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("there are no pages in %s", root)
	}
	return found, err
}
