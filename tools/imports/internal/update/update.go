package update
