"""The one door to MJX, MuJoCo's physics written in JAX.

A body file builds a mujoco.MjModel and hands it to `MjxBody`; nothing above this file sees MJX.

The stages of a step are MJX's own but for the first: XLA for CPU compiles `mjx.kinematics` to programs that take 0.8 s a
call (16 arms); a loop over the bodies does the same in 1 ms.
"""

import contextlib
import io
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import mujoco
import numpy as np

with contextlib.redirect_stdout(io.StringIO()):  # importing it prints that an optional GPU backend is missing
    from mujoco import mjx

# What mjx.step does for a model without tendons, sensors or plugins, after the kinematics.
STAGES = (
    *(mjx.com_pos, mjx.crb, mjx.factor_m, mjx.collision, mjx.make_constraint, mjx.transmission),
    *(mjx.fwd_velocity, mjx.fwd_actuation, mjx.fwd_acceleration, mjx.solve, mjx.implicit),
)


class Physics(NamedTuple):
    """All of MuJoCo's state that a step reads; the hundred other arrays of mjx.Data follow from it."""

    qpos: jax.Array  # [nq] coordinates, metres and radians
    qvel: jax.Array  # [nv] velocities, per second
    warm: jax.Array  # [nv] the accelerations of the step before, from which the contact solver starts


class MjxBody:
    """A MuJoCo model under MJX; its methods are pure functions over a `Physics`.

    model: of the integrator `implicitfast`, with at least one constraint. Each body has at most one joint (hinge, slide or
    free), at the origin of its frame; a free joint is a child of the world. frames: how many physics steps, each of
    `model.opt.timestep` seconds, a control step makes.
    """

    def __init__(self, model: mujoco.MjModel, frames: int):
        kind = np.array([model.jnt_type[first] if n else -1 for first, n in zip(model.body_jntadr, model.body_jntnum)])
        hinge, slide, free = (kind == getattr(mujoco.mjtJoint, f"mjJNT_{name}") for name in ("HINGE", "SLIDE", "FREE"))
        first = np.maximum(model.body_jntadr, 0)
        axis = model.jnt_axis[first] * (kind >= 0)[:, None]
        self._turn, self._slide = axis * hinge[:, None], axis * slide[:, None]
        self._free, self._adr = np.flatnonzero(free), model.jnt_qposadr[first]
        self.model, self._frames = model, frames
        self._model, self._blank = mjx.put_model(model, impl="jax"), mjx.make_data(model, impl="jax")

    def init(self, qpos: jax.Array, qvel: jax.Array) -> Physics:
        """At coordinates `qpos` `[nq]` and velocities `qvel` `[nv]`, with a cold solver."""
        return Physics(qpos, qvel, jnp.zeros_like(qvel))

    def step(self, physics: Physics, control: jax.Array) -> Physics:
        """Holds `control` `[nu]` for one control step."""

        def frame(physics, _):
            data = self.places(physics).replace(ctrl=control)
            for stage in STAGES:
                data = stage(self._model, data)
            return Physics(data.qpos, data.qvel, data.qacc_warmstart), None

        return jax.lax.scan(frame, physics, None, self._frames)[0]

    def places(self, physics: Physics) -> Any:
        """Where everything is: an object with MuJoCo's `xpos`, `xquat`, `xanchor`, `xaxis`, `site_xpos`, ... of this
        moment. (After a step MuJoCo's own arrays are those of the moment before its last physics step.)"""
        model, qpos = self.model, physics.qpos
        offset = (qpos - model.qpos0)[self._adr][:, None]
        half = np.linalg.norm(self._turn, axis=1, keepdims=True) * offset / 2.0
        turn = jnp.concatenate([jnp.cos(half), jnp.sin(half) * self._turn], axis=1)
        pos = model.body_pos + _rotated(self._slide * offset, model.body_quat)
        quat = _product(model.body_quat, turn)
        for body in self._free:
            start, middle, end = self._adr[body] + np.array((0, 3, 7))
            unit = qpos[middle:end] / jnp.linalg.norm(qpos[middle:end])
            qpos = qpos.at[middle:end].set(unit)
            pos, quat = pos.at[body].set(qpos[start:middle]), quat.at[body].set(unit)

        def add(body, placed):  # from the base outwards
            xpos, xquat = placed
            parent = jnp.asarray(model.body_parentid)[body]
            xpos = xpos.at[body].set(xpos[parent] + _rotated(pos[body], xquat[parent]))
            return xpos, xquat.at[body].set(_product(xquat[parent], quat[body]))

        xpos, xquat = jax.lax.fori_loop(1, model.nbody, add, (pos, quat))  # body 0, the world, is in its place
        parts = dict(qpos=qpos, qvel=physics.qvel, qacc_warmstart=physics.warm)
        parts |= dict(xpos=xpos, xquat=xquat, xmat=_matrix(xquat))
        for name, body, pos, quat in (  # what is fixed in the bodies: centres of mass, geoms, sites; then their joints
            ("xi", np.arange(model.nbody), model.body_ipos, model.body_iquat),
            ("geom_x", model.geom_bodyid, model.geom_pos, model.geom_quat),
            ("site_x", model.site_bodyid, model.site_pos, model.site_quat),
        ):
            parts[f"{name}pos"] = xpos[body] + _rotated(pos, xquat[body])
            parts[f"{name}mat"] = _matrix(_product(xquat[body], quat))
        body = model.jnt_bodyid
        axis = _rotated(model.jnt_axis, xquat[body])  # a joint does not turn its own axis
        axis = jnp.where((model.jnt_type == mujoco.mjtJoint.mjJNT_FREE)[:, None], jnp.array([0.0, 0.0, 1.0]), axis)
        slid = (np.abs(self._slide).sum(axis=1, keepdims=True) * offset)[body] * axis
        return self._blank.replace(xaxis=axis, xanchor=xpos[body] - slid, **parts)


def _product(p, q) -> jax.Array:
    """The quaternion p q; `[..., 4]`."""
    p, q = jnp.asarray(p), jnp.asarray(q)
    real = p[..., :1] * q[..., :1] - (p[..., 1:] * q[..., 1:]).sum(-1, keepdims=True)
    vector = p[..., :1] * q[..., 1:] + q[..., :1] * p[..., 1:] + jnp.cross(p[..., 1:], q[..., 1:])
    return jnp.concatenate([real, vector], -1)


def _rotated(vector, quat) -> jax.Array:
    """`vector` `[..., 3]` turned by a unit quaternion `quat` `[..., 4]`."""
    axis, twice = quat[..., 1:], 2.0 * jnp.cross(quat[..., 1:], vector)
    return vector + quat[..., :1] * twice + jnp.cross(axis, twice)


def _matrix(quat) -> jax.Array:
    """The rotation matrices `[..., 3, 3]` of unit quaternions `[..., 4]`."""
    columns = [_rotated(jnp.broadcast_to(unit, (*quat.shape[:-1], 3)), quat) for unit in jnp.eye(3)]
    return jnp.stack(columns, axis=-1)
