"""The arm as a MuJoCo model of primitive shapes, and the scenes of its tasks.

Sources: [code] is the paper's code (wang-kevin3290/scaling-crl), whose arm changes a few numbers of the Franka Panda of
MuJoCo Menagerie; the links' masses, centres of mass and inertias are the arm's identified dynamic parameters (Gaz et
al. 2019), as Menagerie publishes them. Its meshes are for the eye only, so shapes of the kit's own replace them: no
shape outside the listed contact pairs touches anything.

Three things of [code] are easy to miss. Its simulator fuses bodies without a joint into their parent. The hand goes
into link 7, whose inertia is given, so the hand weighs nothing. With the base goes the class of defaults that the links
have from it: armature 0.1, damping 5 and range of the seven joints are lost, but for the three ranges written at the
joint itself; the fingers name their class and keep theirs. And a MuJoCo contact pair takes no property from its geoms:
the frictions 10 (fingers) and 0.2 (table) of [code] have no effect, every pair has the default 1.
"""

from typing import NamedTuple

import mujoco
import numpy as np

TIME_STEP = 0.002  # seconds of a physics step
SHAPE, JOINT = mujoco.mjtGeom, mujoco.mjtJoint
WHITE, DARK, METAL = (0.90, 0.92, 0.93, 1), (0.25, 0.26, 0.28, 1), (0.62, 0.65, 0.68, 1)
HERE, THERE, CUBE = (0.15, 0.35, 0.75, 1), (0.75, 0.20, 0.15, 1), (0.95, 0.70, 0.10, 1)
FOR_THE_EYE = 2  # the geom group of shapes that touch nothing


class Link(NamedTuple):
    """pos (metres) and quat: the frame in the one before. mass (kg), com (m), inertia (kg m^2: xx yy zz xy xz yz, about
    the centre of mass). limits (rad) of its actuator's targets, and but for +-TURN of its joint about z. gain, stiffness
    (N m/rad), damping (N m s/rad) and strength (N m) of its actuator, whose torque is
    gain * target - stiffness * angle - damping * rate: where the gain is less than the stiffness, the joint stops short
    of the target (at 4/7 of it, or half). looks: capsules (from, to, radius, colour), metres."""

    pos: tuple
    quat: tuple
    mass: float
    com: tuple
    inertia: tuple
    limits: tuple
    gain: float
    stiffness: float
    damping: float
    strength: float
    looks: tuple


TURN = 2.8973
BACK, FORTH = (1, -1, 0, 0), (1, 1, 0, 0)  # a quarter turn about x
LINKS = (
    Link(
        *((0, 0, 0.333), (1, 0, 0, 0), 4.970684, (0.003875, 0.002081, -0.04762)),
        (0.70337, 0.70661, 0.0091170, -0.000139, 0.006772, 0.019169),
        *((-TURN, TURN), 4500, 4500, 450, 87),
        looks=(((0, 0, -0.19), (0, 0, -0.06), 0.062, WHITE),),
    ),
    Link(
        *((0, 0, 0), BACK, 0.646926, (-0.003141, -0.02872, 0.003495)),
        (0.007962, 0.028110, 0.025995, -0.003925, 0.010254, 0.000704),
        *((-1.7628, 1.7628), 4500, 4500, 450, 87),
        looks=(((0, 0, -0.07), (0, 0, 0.07), 0.061, METAL), ((0, 0, 0), (0, -0.18, 0), 0.060, WHITE)),
    ),
    Link(
        *((0, -0.316, 0), FORTH, 3.228604, (0.027518, 0.039252, -0.066502)),
        (0.037242, 0.036155, 0.010830, -0.004761, -0.011396, -0.012805),
        *((-TURN, TURN), 2000, 3500, 350, 87),
        looks=(((0, 0, -0.13), (0, 0, -0.04), 0.056, WHITE), ((0.01, 0, -0.03), (0.0825, 0, 0), 0.052, WHITE)),
    ),
    Link(
        *((0.0825, 0, 0), FORTH, 3.587895, (-0.05317, 0.104419, 0.027454)),
        (0.025853, 0.019552, 0.028323, 0.007796, -0.001332, 0.008641),
        *((-3.0718, -0.0698), 2000, 3500, 350, 87),
        looks=(((0, 0, -0.06), (0, 0, 0.06), 0.053, METAL), ((0, 0, 0), (-0.0825, 0.10, 0), 0.050, WHITE)),
    ),
    Link(
        *((-0.0825, 0.384, 0), BACK, 1.225946, (-0.011953, 0.041065, -0.038437)),
        (0.035549, 0.029474, 0.008627, -0.002117, -0.004037, 0.000229),
        *((-TURN, TURN), 1000, 2000, 200, 12),
        looks=(((0, 0, -0.26), (0, 0.03, -0.06), 0.047, WHITE),),
    ),
    Link(
        *((0, 0, 0), FORTH, 1.666555, (0.060149, -0.014117, -0.010517)),
        (0.001964, 0.004354, 0.005433, 0.000109, -0.001158, 0.000341),
        *((-0.0175, 3.7525), 1000, 2000, 200, 12),
        looks=(((0, 0, -0.05), (0, 0, 0.05), 0.048, METAL), ((0, 0, 0), (0.088, 0, 0), 0.043, WHITE)),
    ),
    Link(
        *((0.088, 0, 0), FORTH, 0.735522, (0.010517, -0.004252, 0.061597)),
        (0.012516, 0.010027, 0.004815, -0.000428, -0.001196, -0.000741),
        *((-TURN, TURN), 1000, 2000, 200, 12),
        looks=(((0, 0, 0.01), (0, 0, 0.075), 0.045, WHITE), ((0, 0, 0.10), (0, 0, 0.10), 0.042, DARK)),
    ),
)
FINGERS = ("left_finger", "right_finger")
START = (1.571, 0.742, 0.0, -1.571, 0.0, 3.054, 1.449)  # rad, the joints at a reset
OPENING = 0.04  # m, both fingers at a reset


class Scene(NamedTuple):
    """What lies around the arm, metres. start, goal: middles of the regions where cube and goal are drawn; spread: half
    widths of both. bin: half width of the two bins, or none. graspable: there are fingers and a cube."""

    start: tuple = (0.0, 0.6)
    goal: tuple = (0.0, 0.6, 0.03)
    spread: tuple = (0.1, 0.1, 0.0)
    bin: float | None = None
    bin_middle: float | None = None
    graspable: bool = True


SCENES = {
    "push_easy": Scene((-0.1, 0.6), (0.1, 0.6, 0.03), (0.1, 0.1, 0.0)),
    "push_hard": Scene((-0.25, 0.65), (0.25, 0.65, 0.03), (0.25, 0.25, 0.0)),
    "binpick_easy": Scene((-0.15, 0.6), (0.17, 0.6, 0.03), (0.09, 0.09, 0.0), bin=0.145, bin_middle=0.17),
    "binpick_hard": Scene((-0.3, 0.6), (0.3, 0.6, 0.03), (0.15, 0.15, 0.0), bin=0.195, bin_middle=0.3),
    "reach": Scene(goal=(0.0, 0.5, 0.3), spread=(0.2, 0.2, 0.2), graspable=False),
    "grasp": Scene(start=(0.0, 0.6), spread=(0.3, 0.3, 0.0)),
}
CUBE_HALF, CUBE_HEIGHT = 0.03, 0.07  # m; the cube falls from this height of its centre
FINGER_FRAME = (0, 0, 0.0584)  # m, in the hand
BIN_HEIGHT, BIN_THICKNESS = 0.033, 0.005  # m, half sizes


def build(scene: Scene) -> mujoco.MjModel:
    """The compiled model; coordinates: 7 joint angles (rad), 2 finger offsets (m), the cube's position (m) and
    quaternion; the last two only where the scene is graspable. Controls: 7 joint targets (rad), 2 fingers (0 to 255)."""
    spec = mujoco.MjSpec()
    spec.modelname, spec.compiler.degree = "arm", False
    _set_options(spec, scene)
    _add_table(spec)
    _add_arm(spec, scene.graspable)
    pairs = [("table", "hand")]
    if scene.graspable:
        _add_cube(spec, scene)
        pairs += [("cube", "table"), ("cube", "hand"), FINGERS]
        pairs += [(other, finger) for other in ("cube", "table") for finger in FINGERS]
    if scene.bin is not None:
        walls = _add_bins(spec, scene)
        pairs += [(mover, wall) for mover in ("cube", "hand", *FINGERS) for wall in walls]
    for first, second in pairs:
        spec.add_pair(geomname1=first, geomname2=second)
    return spec.compile()


def _set_options(spec, scene: Scene) -> None:
    spec.option.timestep = TIME_STEP
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.iterations, spec.option.ls_iterations = 6, 12
    spec.option.impratio = 1.0 if scene.bin is None else 10.0


def _shape(body, shape, size=(0, 0, 0), colour=WHITE, **options):
    """A geom without weight that nothing meets unless a contact pair says so."""
    size = np.resize(size, 3)
    return body.add_geom(type=shape, size=size, rgba=colour, contype=0, conaffinity=0, mass=0.0, **options)


def _add_table(spec) -> None:
    spec.add_texture(
        name="table",
        type=mujoco.mjtTexture.mjTEXTURE_2D,
        builtin=mujoco.mjtBuiltin.mjBUILTIN_CHECKER,
        rgb1=(0.78, 0.76, 0.72),
        rgb2=(0.72, 0.70, 0.66),
        width=256,
        height=256,
    )
    material = spec.add_material(name="table", texrepeat=(5, 5), texuniform=True)
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = "table"
    table = _shape(spec.worldbody, SHAPE.mjGEOM_PLANE, (2.8, 2.4, 0.1), name="table", material="table")
    table.pos, table.friction = (0, 0.2, 0), (0.2, 0.005, 0.0001)
    spec.worldbody.add_light(pos=(0.5, 0.2, 2.5), dir=(-0.2, 0.1, -1), type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL)


def _capsule(body, begin, end, radius, colour) -> None:
    if begin == end:
        _shape(body, SHAPE.mjGEOM_SPHERE, (radius, 0, 0), colour, pos=begin, group=FOR_THE_EYE)
    else:
        _shape(body, SHAPE.mjGEOM_CAPSULE, (radius, 0, 0), colour, fromto=(*begin, *end), group=FOR_THE_EYE)


def _add_arm(spec, with_fingers: bool) -> None:
    body = spec.worldbody
    _shape(body, SHAPE.mjGEOM_CYLINDER, (0.095, 0.012, 0), DARK, pos=(0, 0, 0.012), group=FOR_THE_EYE)
    _shape(body, SHAPE.mjGEOM_CYLINDER, (0.070, 0.06, 0), WHITE, pos=(0, 0, 0.08), group=FOR_THE_EYE)
    for number, link in enumerate(LINKS, 1):
        body = body.add_body(name=f"link{number}", pos=link.pos, quat=link.quat, mass=link.mass, ipos=link.com)
        body.fullinertia, body.explicitinertial = link.inertia, True
        body.add_joint(name=f"joint{number}", range=link.limits, limited=TURN not in link.limits, axis=(0, 0, 1))
        for capsule in link.looks:
            _capsule(body, *capsule)
        limits = {"ctrlrange": link.limits, "forcerange": (-link.strength, link.strength)}
        _add_actuator(spec, f"joint{number}", link.gain, link.stiffness, link.damping, **limits)
    hand = body.add_body(name="hand", pos=(0, 0, 0.107), quat=(0.9238795, 0, 0, -0.3826834))
    _shape(hand, SHAPE.mjGEOM_CAPSULE, (0.04, 0.06, 0), WHITE, name="hand", pos=(0, 0, 0.035), quat=FORTH)
    # Between the fingertips: what a controller leads to the cube.
    hand.add_site(name="grip", pos=(0, 0, 0.1184), size=(0.005,) * 3, rgba=(0, 0, 0, 0))
    if with_fingers:
        for name, quat in zip(FINGERS, ((1, 0, 0, 0), (0, 0, 0, 1))):
            _add_finger(spec, hand, name, quat)
        couple = spec.add_equality(type=mujoco.mjtEq.mjEQ_JOINT, objtype=mujoco.mjtObj.mjOBJ_JOINT)
        couple.name1, couple.name2 = FINGERS
        couple.data[:5] = (0, 1, 0, 0, 0)  # the one offset equals the other
        couple.solimp[:3], couple.solref = (0.95, 0.99, 0.001), (0.005, 1)


def _add_actuator(spec, joint: str, gain, stiffness, damping, **limits) -> None:
    actuator = spec.add_actuator(name=joint, target=joint, trntype=mujoco.mjtTrn.mjTRN_JOINT, **limits)
    actuator.gaintype, actuator.biastype = mujoco.mjtGain.mjGAIN_FIXED, mujoco.mjtBias.mjBIAS_AFFINE
    actuator.gainprm[0], actuator.biasprm[:3] = gain, (0, -stiffness, -damping)
    actuator.ctrllimited = actuator.forcelimited = True


def _add_finger(spec, hand, name: str, quat) -> None:
    finger = hand.add_body(name=name, pos=FINGER_FRAME, quat=quat, mass=0.015, explicitinertial=True)
    finger.inertia = (2.375e-6, 2.375e-6, 7.5e-7)
    joint = finger.add_joint(name=name, type=JOINT.mjJNT_SLIDE, axis=(0, 1, 0), range=(0, 0.08), limited=True)
    joint.armature = 0.1
    joint.damping = np.resize((5.0, 0.0, 0.0), np.shape(joint.damping))
    pad = _shape(finger, SHAPE.mjGEOM_BOX, (0.015, 0.005, 0.04), DARK, name=name, pos=(0, 0.0055, 0.035))
    pad.friction = (10, 0.005, 0.0001)
    finger.add_site(name=f"{name}tip", pos=(0, 0.005, 0.07), size=(0.005,) * 3, rgba=(0, 0, 0, 0))
    _add_actuator(spec, name, 0.15686, 500, 50, ctrlrange=(0, 255), forcerange=(-500, 500))


def _add_cube(spec, scene: Scene) -> None:
    body = spec.worldbody.add_body(name="cube", pos=(*scene.start, CUBE_HEIGHT))
    body.add_freejoint(name="cube")
    cube = _shape(body, SHAPE.mjGEOM_BOX, (CUBE_HALF,) * 3, CUBE, name="cube")
    cube.mass, cube.density = np.nan, 1000.0  # kg/m^3, MuJoCo's default: 0.216 kg
    if scene.bin is None:  # where it starts, and where its goals are: coloured sheets
        regions = {scene.goal[:2]: THERE, scene.start: HERE}
        for (x, y), colour in regions.items():
            half_size = (*scene.spread[:2], 0.0005)
            _shape(spec.worldbody, SHAPE.mjGEOM_BOX, half_size, colour, pos=(x, y, 0.0005), group=FOR_THE_EYE)


def _add_bins(spec, scene: Scene) -> list[str]:
    """Two frames of four walls around (-bin_middle, 0.6) and (bin_middle, 0.6); their names."""
    names, half, along = [], scene.bin, scene.bin - BIN_THICKNESS
    for side, name, colour in ((-1, "here", HERE), (1, "there", THERE)):
        offsets = ((0, -along, half), (0, along, half), (along, 0, None), (-along, 0, None))
        for number, (x, y, half_x) in enumerate(offsets):
            size = (half_x, BIN_THICKNESS) if half_x else (BIN_THICKNESS, half - 2 * BIN_THICKNESS)
            names.append(f"bin_{name}_{number}")
            pos = (side * scene.bin_middle + x, scene.goal[1] + y, BIN_HEIGHT)
            _shape(spec.worldbody, SHAPE.mjGEOM_BOX, (*size, BIN_HEIGHT), colour, name=names[-1], pos=pos)
    return names
