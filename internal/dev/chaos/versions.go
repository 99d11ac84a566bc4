package chaos

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
)

// deployment is the name of the worker deployment that both workers belong to.
const deployment = "packhorse"

// other is the other build ID.
func other(build string) string {
	if build == buildNew {
		return buildOld
	}
	return buildNew
}

// versions is where the work of the deployment goes. The workflows upgrade by themselves: their next task goes to the
// version that is current by then.
type versions struct {
	temporal client.Client

	mu      sync.Mutex
	current string // as was last asked for
}

// versionsTimeout is how long a change of versions is tried: the server may be away, or not have heard of the version.
const versionsTimeout = 30 * time.Second

// route makes a version current, and ends any ramp.
func (v *versions) route(ctx context.Context, build string) error {
	return v.insist(ctx, func(ctx context.Context, handle client.WorkerDeploymentHandle) error {
		if v.current != build {
			if _, err := handle.SetCurrentVersion(
				ctx, client.WorkerDeploymentSetCurrentVersionOptions{BuildID: build, IgnoreMissingTaskQueues: true},
			); err != nil {
				return fmt.Errorf("make version %s current: %w", build, err)
			}
			v.current = build
			return nil
		}
		described, err := handle.Describe(ctx, client.WorkerDeploymentDescribeOptions{})
		if err != nil {
			return fmt.Errorf("look at the versions: %w", err)
		}
		if described.Info.RoutingConfig.RampingVersion == nil {
			return nil
		}
		if _, err := handle.SetRampingVersion(ctx, client.WorkerDeploymentSetRampingVersionOptions{}); err != nil {
			return fmt.Errorf("end the ramp: %w", err)
		}
		return nil
	})
}

// swap makes the version current that is not.
func (v *versions) swap(ctx context.Context) error {
	v.mu.Lock()
	to := other(v.current)
	v.mu.Unlock()
	return v.route(ctx, to)
}

// ramp gives the version that is not current a share of the work, in percent.
func (v *versions) ramp(ctx context.Context, percent int) error {
	return v.insist(ctx, func(ctx context.Context, handle client.WorkerDeploymentHandle) error {
		_, err := handle.SetRampingVersion(ctx, client.WorkerDeploymentSetRampingVersionOptions{
			BuildID: other(v.current), Percentage: float32(percent), IgnoreMissingTaskQueues: true,
		})
		if err != nil {
			return fmt.Errorf("ramp version %s: %w", other(v.current), err)
		}
		return nil
	})
}

func (v *versions) insist(
	ctx context.Context, change func(context.Context, client.WorkerDeploymentHandle) error,
) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, versionsTimeout)
	defer cancel()
	handle := v.temporal.WorkerDeploymentClient().GetHandle(deployment)
	for {
		attempt, end := context.WithTimeout(ctx, 5*time.Second)
		err := change(attempt, handle)
		end()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(250 * time.Millisecond):
		}
	}
}
