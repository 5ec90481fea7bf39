"""The Summary reward model: made (`tiny`), taught (`lesson`, `train`), asked (`answers`) and examined (`evaluate`)."""
