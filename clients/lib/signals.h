#ifndef BN_LIB_SIGNALS_H
#define BN_LIB_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The vehicle signals that the demo apps read, under their COVESA VSS names.
 *
 * This list and the table in ../README.md are the same; a layout declares what it has. A signal
 * that was never received, or is stale, is unknown, and an app shows "--" or nothing for it.
 */
#define BN_SIGNALS(X) \
	X(SPEED, "Vehicle.Speed") \
	X(GEAR, "Vehicle.Powertrain.Transmission.CurrentGear") \
	X(POWER, "Vehicle.Powertrain.ElectricMotor.Power") \
	X(CHARGE, "Vehicle.Powertrain.TractionBattery.StateOfCharge.Displayed") \
	X(RANGE, "Vehicle.Powertrain.Range") \
	X(ODOMETER, "Vehicle.TraveledDistance") \
	X(TRIP, "Vehicle.TripMeterReading") \
	X(AIR, "Vehicle.Exterior.AirTemperature") \
	X(STEERING, "Vehicle.Chassis.SteeringWheel.Angle") \
	X(BRAKE_PEDAL, "Vehicle.Chassis.Brake.PedalPosition") \
	X(PARKING_BRAKE, "Vehicle.Chassis.ParkingBrake.IsEngaged") \
	X(TIMESTAMP, "Vehicle.CurrentLocation.Timestamp") \
	X(TURN_LEFT, "Vehicle.Body.Lights.DirectionIndicator.Left.IsSignaling") \
	X(TURN_RIGHT, "Vehicle.Body.Lights.DirectionIndicator.Right.IsSignaling") \
	X(HAZARD, "Vehicle.Body.Lights.Hazard.IsSignaling") \
	X(BEAM_HIGH, "Vehicle.Body.Lights.Beam.High.IsOn") \
	X(BEAM_LOW, "Vehicle.Body.Lights.Beam.Low.IsOn") \
	X(BRAKE_WARNING, "Vehicle.Chassis.Brake.IsWarningOn") \
	X(ABS_ERROR, "Vehicle.ADAS.ABS.IsError") \
	X(ESC_ERROR, "Vehicle.ADAS.ESC.IsError") \
	X(ESC_ENGAGED, "Vehicle.ADAS.ESC.IsEngaged") \
	X(ENGINE_MIL, "Vehicle.OBD.Status.IsMILOn") \
	X(OIL_WARNING, "Vehicle.Powertrain.CombustionEngine.EngineOil.IsWarningOn") \
	X(LOW_VOLTAGE, "Vehicle.LowVoltageBattery.IsWarningOn") \
	X(BELTED, "Vehicle.Cabin.Seat.Row1.DriverSide.IsBelted") \
	X(AIRBAG_WARNING, "Vehicle.Cabin.Airbag.IsWarningOn") \
	X(TIRE_FRONT_LEFT, "Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.IsPressureLow") \
	X(TIRE_FRONT_RIGHT, "Vehicle.Chassis.Axle.Row1.Wheel.Right.Tire.IsPressureLow") \
	X(TIRE_REAR_LEFT, "Vehicle.Chassis.Axle.Row2.Wheel.Left.Tire.IsPressureLow") \
	X(TIRE_REAR_RIGHT, "Vehicle.Chassis.Axle.Row2.Wheel.Right.Tire.IsPressureLow") \
	X(DOOR_DRIVER, "Vehicle.Cabin.Door.Row1.DriverSide.IsOpen") \
	X(DOOR_PASSENGER, "Vehicle.Cabin.Door.Row1.PassengerSide.IsOpen") \
	X(FUEL_LOW, "Vehicle.Powertrain.FuelSystem.IsFuelLevelLow")

enum bn_signal_id {
#define BN_SIGNAL_ID(id, name) BN_SIGNAL_##id,
	BN_SIGNALS(BN_SIGNAL_ID)
#undef BN_SIGNAL_ID
			BN_SIGNAL_COUNT,
};

/** Values as received; `text` is used by strings only. */
struct bn_signal_value {
	bool known;
	double number; // a boolean: 0 or 1
	char text[64];
};

struct bn_signals {
	struct bn_signal_value values[BN_SIGNAL_COUNT];
};

const char *bn_signal_name(enum bn_signal_id id);
/** BN_SIGNAL_COUNT for a name that is not ours. */
enum bn_signal_id bn_signal_find(const char *name);

bool bn_signals_known(const struct bn_signals *signals, enum bn_signal_id id);
/** The number, or `fallback` while the signal is unknown. */
double bn_signals_number(const struct bn_signals *signals, enum bn_signal_id id, double fallback);
/** True only when the signal is known to be true. */
bool bn_signals_is_on(const struct bn_signals *signals, enum bn_signal_id id);

/**
 * The drive that `--demo` shows where no cockpit sends signals: a slow loop of two minutes, a pure
 * function of the time.
 */
void bn_signals_demo(struct bn_signals *signals, int64_t time_ms);

#endif
