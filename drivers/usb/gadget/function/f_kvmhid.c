// SPDX-License-Identifier: GPL-2.0-only
/*
 * A keyboard and a pointer as one USB function, for remote control of the host.
 *
 * Interface 0 is a boot keyboard, interface 1 an absolute pointer that is a
 * boot mouse as well. In boot protocol both are byte for byte what HID 1.11
 * says in its appendix B.
 *
 * wMaxPacketSize is 8 and must stay so: SeaBIOS and others take no keyboard
 * with more than 10 (later 16) and no mouse with more than 8. A report of the
 * report protocol that is longer than that, which is the keyboard's bitmap, is
 * a transfer of several packets. A firmware that expects boot reports without
 * asking for them would misread it, whatever its first bytes were (the trick of
 * prefixing a boot report needs the whole report in one packet): the attribute
 * nkro=0 gives the boot report in both protocols.
 *
 * The keyboard comes first because firmware that looks at one interface only,
 * or sends its requests to interface 0 always (SeaBIOS), means the keyboard.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/hid.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "kvmhid.h"

#define KVMHID_PACKET_SIZE	8

/* HID 1.11; attributes of the host's country are not known to a KVM. */
#define KVMHID_BCD_HID		0x0111

/* All keys as a bitmap: bit n is usage n, those below 0x04 are no keys. */
static const u8 keyboard_bitmap_desc[] = {
	0x05, 0x01,		/* Usage Page (Generic Desktop) */
	0x09, 0x06,		/* Usage (Keyboard) */
	0xa1, 0x01,		/* Collection (Application) */
	0x75, 0x01,		/*   Report Size (1) */
	0x95, 0x04,		/*   Report Count (4) */
	0x81, 0x03,		/*   Input (Constant) */
	0x05, 0x07,		/*   Usage Page (Keyboard) */
	0x19, 0x04,		/*   Usage Minimum (4) */
	0x29, 0xe7,		/*   Usage Maximum (231) */
	0x15, 0x00,		/*   Logical Minimum (0) */
	0x25, 0x01,		/*   Logical Maximum (1) */
	0x96, 0xe4, 0x00,	/*   Report Count (228) */
	0x81, 0x02,		/*   Input (Data, Variable) */
	0x05, 0x08,		/*   Usage Page (LEDs) */
	0x19, 0x01,		/*   Usage Minimum (Num Lock) */
	0x29, 0x05,		/*   Usage Maximum (Kana) */
	0x95, 0x05,		/*   Report Count (5) */
	0x91, 0x02,		/*   Output (Data, Variable) */
	0x95, 0x03,		/*   Report Count (3) */
	0x91, 0x03,		/*   Output (Constant) */
	0xc0,			/* End Collection */
};

/* The boot report, as in HID 1.11, B.1, with all usages. */
static const u8 keyboard_boot_desc[] = {
	0x05, 0x01,		/* Usage Page (Generic Desktop) */
	0x09, 0x06,		/* Usage (Keyboard) */
	0xa1, 0x01,		/* Collection (Application) */
	0x05, 0x07,		/*   Usage Page (Keyboard) */
	0x19, 0xe0,		/*   Usage Minimum (Left Control) */
	0x29, 0xe7,		/*   Usage Maximum (Right GUI) */
	0x15, 0x00,		/*   Logical Minimum (0) */
	0x25, 0x01,		/*   Logical Maximum (1) */
	0x75, 0x01,		/*   Report Size (1) */
	0x95, 0x08,		/*   Report Count (8) */
	0x81, 0x02,		/*   Input (Data, Variable) */
	0x95, 0x01,		/*   Report Count (1) */
	0x75, 0x08,		/*   Report Size (8) */
	0x81, 0x03,		/*   Input (Constant) */
	0x95, 0x05,		/*   Report Count (5) */
	0x75, 0x01,		/*   Report Size (1) */
	0x05, 0x08,		/*   Usage Page (LEDs) */
	0x19, 0x01,		/*   Usage Minimum (Num Lock) */
	0x29, 0x05,		/*   Usage Maximum (Kana) */
	0x91, 0x02,		/*   Output (Data, Variable) */
	0x95, 0x03,		/*   Report Count (3) */
	0x91, 0x03,		/*   Output (Constant) */
	0x95, 0x06,		/*   Report Count (6) */
	0x75, 0x08,		/*   Report Size (8) */
	0x26, 0xff, 0x00,	/*   Logical Maximum (255) */
	0x05, 0x07,		/*   Usage Page (Keyboard) */
	0x19, 0x00,		/*   Usage Minimum (0) */
	0x2a, 0xff, 0x00,	/*   Usage Maximum (255) */
	0x81, 0x00,		/*   Input (Data, Array) */
	0xc0,			/* End Collection */
};

/*
 * 0..32767 because Windows 7 takes neither negative nor larger coordinates, and
 * Pointer inside Physical because Apple's recovery system asks for it.
 */
static const u8 pointer_desc[] = {
	0x05, 0x01,		/* Usage Page (Generic Desktop) */
	0x09, 0x02,		/* Usage (Mouse) */
	0xa1, 0x01,		/* Collection (Application) */
	0x09, 0x01,		/*   Usage (Pointer) */
	0xa1, 0x00,		/*   Collection (Physical) */
	0x05, 0x09,		/*     Usage Page (Button) */
	0x19, 0x01,		/*     Usage Minimum (1) */
	0x29, 0x05,		/*     Usage Maximum (5) */
	0x15, 0x00,		/*     Logical Minimum (0) */
	0x25, 0x01,		/*     Logical Maximum (1) */
	0x75, 0x01,		/*     Report Size (1) */
	0x95, 0x05,		/*     Report Count (5) */
	0x81, 0x02,		/*     Input (Data, Variable) */
	0x75, 0x03,		/*     Report Size (3) */
	0x95, 0x01,		/*     Report Count (1) */
	0x81, 0x03,		/*     Input (Constant) */
	0x05, 0x01,		/*     Usage Page (Generic Desktop) */
	0x09, 0x30,		/*     Usage (X) */
	0x09, 0x31,		/*     Usage (Y) */
	0x26, 0xff, 0x7f,	/*     Logical Maximum (32767) */
	0x35, 0x00,		/*     Physical Minimum (0) */
	0x46, 0xff, 0x7f,	/*     Physical Maximum (32767) */
	0x75, 0x10,		/*     Report Size (16) */
	0x95, 0x02,		/*     Report Count (2) */
	0x81, 0x02,		/*     Input (Data, Variable, Absolute) */
	0x45, 0x00,		/*     Physical Maximum (as logical) */
	0x09, 0x38,		/*     Usage (Wheel) */
	0x15, 0x81,		/*     Logical Minimum (-127) */
	0x25, 0x7f,		/*     Logical Maximum (127) */
	0x75, 0x08,		/*     Report Size (8) */
	0x95, 0x01,		/*     Report Count (1) */
	0x81, 0x06,		/*     Input (Data, Variable, Relative) */
	0x05, 0x0c,		/*     Usage Page (Consumer) */
	0x0a, 0x38, 0x02,	/*     Usage (AC Pan) */
	0x81, 0x06,		/*     Input (Data, Variable, Relative) */
	0xc0,			/*   End Collection */
	0xc0,			/* End Collection */
};

/* The HID descriptor, HID 1.11, 6.2.1, with one class descriptor. */
struct kvmhid_hid_desc {
	__u8 bLength;
	__u8 bDescriptorType;
	__le16 bcdHID;
	__u8 bCountryCode;
	__u8 bNumDescriptors;
	__u8 bClassDescriptorType;
	__le16 wDescriptorLength;
} __packed;

/**
 * struct f_kvmhid - a kvmhid function in a configuration
 * @func: what the composite device knows of it
 * @info: copied from configfs when it was linked
 * @hid: its bound half, NULL when it is not bound
 */
struct f_kvmhid {
	struct usb_function func;
	struct kvmhid_info info;
	struct kvmhid *hid;
};

static struct f_kvmhid *to_f_kvmhid(struct usb_function *f)
{
	return container_of(f, struct f_kvmhid, func);
}

static const u8 *kvmhid_report_desc(const struct kvmhid_info *info,
				    enum kvmhid_interface interface,
				    unsigned int *length)
{
	if (interface == KVMHID_POINTER) {
		*length = sizeof(pointer_desc);
		return pointer_desc;
	}
	if (info->nkro) {
		*length = sizeof(keyboard_bitmap_desc);
		return keyboard_bitmap_desc;
	}
	*length = sizeof(keyboard_boot_desc);
	return keyboard_boot_desc;
}

static bool kvmhid_has_boot(const struct kvmhid_info *info,
			    enum kvmhid_interface interface)
{
	return interface == KVMHID_KEYBOARD || info->pointer_boot;
}

static struct kvmhid_hid_desc kvmhid_hid_desc(const struct kvmhid_info *info,
					      enum kvmhid_interface interface)
{
	unsigned int length;

	kvmhid_report_desc(info, interface, &length);
	return (struct kvmhid_hid_desc) {
		.bLength = sizeof(struct kvmhid_hid_desc),
		.bDescriptorType = HID_DT_HID,
		.bcdHID = cpu_to_le16(KVMHID_BCD_HID),
		.bNumDescriptors = 1,
		.bClassDescriptorType = HID_DT_REPORT,
		.wDescriptorLength = cpu_to_le16(length),
	};
}

/* --- requests on endpoint zero; each returns a length or stalls --- */

#define KVMHID_STALL	(-EOPNOTSUPP)

static int kvmhid_answer(struct usb_request *reply, u16 length,
			 const void *data, unsigned int n)
{
	if (!length)
		return KVMHID_STALL;
	n = min_t(unsigned int, n, length);
	memcpy(reply->buf, data, n);
	return n;
}

static int kvmhid_get_descriptor(struct kvmhid_pipe *pipe, u16 value,
				 u16 length, struct usb_request *reply)
{
	const struct kvmhid_info *info = &pipe->hid->info;
	struct kvmhid_hid_desc hid_desc;
	const u8 *desc;
	unsigned int n;

	switch (value) {
	case HID_DT_HID << 8:
		hid_desc = kvmhid_hid_desc(info, pipe->interface);
		return kvmhid_answer(reply, length, &hid_desc,
				     sizeof(hid_desc));
	case HID_DT_REPORT << 8:
		desc = kvmhid_report_desc(info, pipe->interface, &n);
		return kvmhid_answer(reply, length, desc, n);
	}
	return KVMHID_STALL;
}

static int kvmhid_get_report(struct kvmhid_pipe *pipe, u16 value, u16 length,
			     struct usb_request *reply)
{
	struct kvmhid *hid = pipe->hid;
	u8 report[KVMHID_REPORT_MAX];
	unsigned int n = 0;
	unsigned long flags;

	/* No report has an id. */
	spin_lock_irqsave(&hid->lock, flags);
	if (value == (HID_INPUT_REPORT + 1) << 8) {
		n = kvmhid_report_state(&hid->core, pipe->interface, report);
	} else if (value == (HID_OUTPUT_REPORT + 1) << 8 &&
		   pipe->interface == KVMHID_KEYBOARD) {
		report[0] = hid->core.leds;
		n = KVMHID_LEDS_SIZE;
	}
	spin_unlock_irqrestore(&hid->lock, flags);
	return n ? kvmhid_answer(reply, length, report, n) : KVMHID_STALL;
}

static void kvmhid_set_report_complete(struct usb_ep *ep,
				       struct usb_request *request)
{
	if (request->status || request->actual != KVMHID_LEDS_SIZE)
		return;
	kvmhid_leds_received(request->context, *(const u8 *)request->buf);
}

static int kvmhid_set_report(struct kvmhid_pipe *pipe, u16 value, u16 length,
			     struct usb_request *request)
{
	if (value != (HID_OUTPUT_REPORT + 1) << 8 ||
	    length != KVMHID_LEDS_SIZE || pipe->interface != KVMHID_KEYBOARD)
		return KVMHID_STALL;
	request->complete = kvmhid_set_report_complete;
	request->context = pipe->hid;
	return length;
}

static int kvmhid_get_idle(struct kvmhid_pipe *pipe, u16 value, u16 length,
			   struct usb_request *reply)
{
	u8 idle = READ_ONCE(pipe->idle);

	return value ? KVMHID_STALL : kvmhid_answer(reply, length, &idle, 1);
}

static int kvmhid_set_idle(struct kvmhid_pipe *pipe, u16 value, u16 length)
{
	if (length || value & 0xff)
		return KVMHID_STALL;
	kvmhid_pipe_set_idle(pipe, value >> 8);
	return 0;
}

static int kvmhid_get_protocol(struct kvmhid_pipe *pipe, u16 value, u16 length,
			       struct usb_request *reply)
{
	u8 protocol = READ_ONCE(pipe->hid->core.protocol[pipe->interface]);

	if (value || !kvmhid_has_boot(&pipe->hid->info, pipe->interface))
		return KVMHID_STALL;
	return kvmhid_answer(reply, length, &protocol, 1);
}

static int kvmhid_set_protocol_request(struct kvmhid_pipe *pipe, u16 value,
				       u16 length)
{
	if (length || value > KVMHID_PROTOCOL_REPORT ||
	    !kvmhid_has_boot(&pipe->hid->info, pipe->interface))
		return KVMHID_STALL;
	kvmhid_pipe_set_protocol(pipe, value);
	return 0;
}

#define KVMHID_REQUEST(type, request)	((type) << 8 | (request))
#define KVMHID_CLASS_IN		(USB_DIR_IN | USB_TYPE_CLASS | \
				 USB_RECIP_INTERFACE)
#define KVMHID_CLASS_OUT	(USB_DIR_OUT | USB_TYPE_CLASS | \
				 USB_RECIP_INTERFACE)
#define KVMHID_STANDARD_IN	(USB_DIR_IN | USB_TYPE_STANDARD | \
				 USB_RECIP_INTERFACE)

static int kvmhid_request(struct kvmhid_pipe *pipe,
			  const struct usb_ctrlrequest *ctrl,
			  struct usb_request *reply)
{
	u16 value = le16_to_cpu(ctrl->wValue);
	u16 length = le16_to_cpu(ctrl->wLength);

	switch (KVMHID_REQUEST(ctrl->bRequestType, ctrl->bRequest)) {
	case KVMHID_REQUEST(KVMHID_STANDARD_IN, USB_REQ_GET_DESCRIPTOR):
		return kvmhid_get_descriptor(pipe, value, length, reply);
	case KVMHID_REQUEST(KVMHID_CLASS_IN, HID_REQ_GET_REPORT):
		return kvmhid_get_report(pipe, value, length, reply);
	case KVMHID_REQUEST(KVMHID_CLASS_OUT, HID_REQ_SET_REPORT):
		return kvmhid_set_report(pipe, value, length, reply);
	case KVMHID_REQUEST(KVMHID_CLASS_IN, HID_REQ_GET_IDLE):
		return kvmhid_get_idle(pipe, value, length, reply);
	case KVMHID_REQUEST(KVMHID_CLASS_OUT, HID_REQ_SET_IDLE):
		return kvmhid_set_idle(pipe, value, length);
	case KVMHID_REQUEST(KVMHID_CLASS_IN, HID_REQ_GET_PROTOCOL):
		return kvmhid_get_protocol(pipe, value, length, reply);
	case KVMHID_REQUEST(KVMHID_CLASS_OUT, HID_REQ_SET_PROTOCOL):
		return kvmhid_set_protocol_request(pipe, value, length);
	}
	return KVMHID_STALL;
}

static struct kvmhid_pipe *kvmhid_pipe_of(struct usb_function *f,
					  unsigned int number)
{
	struct kvmhid *hid = to_f_kvmhid(f)->hid;
	int i;

	for (i = 0; i < KVMHID_INTERFACES; i++)
		if (hid->pipes[i].number == number)
			return &hid->pipes[i];
	return NULL;
}

static int kvmhid_setup(struct usb_function *f,
			const struct usb_ctrlrequest *ctrl)
{
	struct usb_composite_dev *cdev = f->config->cdev;
	struct kvmhid_pipe *pipe = kvmhid_pipe_of(f, le16_to_cpu(ctrl->wIndex));
	int length;

	if (!pipe)
		return KVMHID_STALL;
	length = kvmhid_request(pipe, ctrl, cdev->req);
	if (length < 0)
		return length;

	cdev->req->length = length;
	cdev->req->zero = ctrl->bRequestType & USB_DIR_IN &&
			  length < le16_to_cpu(ctrl->wLength);
	return usb_ep_queue(cdev->gadget->ep0, cdev->req, GFP_ATOMIC);
}

/* --- the function's life --- */

static int kvmhid_set_alt(struct usb_function *f, unsigned int number,
			  unsigned int alt)
{
	struct kvmhid_pipe *pipe = kvmhid_pipe_of(f, number);

	if (!pipe || alt)
		return -EINVAL;
	return kvmhid_pipe_enable(pipe, f);
}

static void kvmhid_disable(struct usb_function *f)
{
	kvmhid_pipes_disable(to_f_kvmhid(f)->hid);
}

static void kvmhid_suspend(struct usb_function *f)
{
	kvmhid_suspended(to_f_kvmhid(f)->hid, true);
}

static void kvmhid_resume(struct usb_function *f)
{
	kvmhid_suspended(to_f_kvmhid(f)->hid, false);
}

static struct usb_interface_descriptor
kvmhid_interface_desc(const struct kvmhid *hid, enum kvmhid_interface interface)
{
	struct usb_interface_descriptor desc = {
		.bLength = USB_DT_INTERFACE_SIZE,
		.bDescriptorType = USB_DT_INTERFACE,
		.bInterfaceNumber = hid->pipes[interface].number,
		.bNumEndpoints = 1,
		.bInterfaceClass = USB_CLASS_HID,
	};

	if (interface == KVMHID_KEYBOARD && hid->out_ep)
		desc.bNumEndpoints++;
	if (kvmhid_has_boot(&hid->info, interface)) {
		desc.bInterfaceSubClass = USB_INTERFACE_SUBCLASS_BOOT;
		desc.bInterfaceProtocol = interface == KVMHID_KEYBOARD ?
						  USB_INTERFACE_PROTOCOL_KEYBOARD :
						  USB_INTERFACE_PROTOCOL_MOUSE;
	}
	return desc;
}

static struct usb_endpoint_descriptor kvmhid_ep_desc(u8 address, u8 interval)
{
	return (struct usb_endpoint_descriptor) {
		.bLength = USB_DT_ENDPOINT_SIZE,
		.bDescriptorType = USB_DT_ENDPOINT,
		.bEndpointAddress = address,
		.bmAttributes = USB_ENDPOINT_XFER_INT,
		.wMaxPacketSize = cpu_to_le16(KVMHID_PACKET_SIZE),
		.bInterval = interval,
	};
}

/* Full speed counts milliseconds, the others powers of two of 125 us. */
static u8 kvmhid_interval(const struct kvmhid_info *info, bool full_speed)
{
	if (full_speed)
		return max(info->interval / 1000, 1U);
	return fls(info->interval / KVMHID_INTERVAL_MIN);
}

/* An interface, its HID descriptor, two endpoints with companions. */
#define KVMHID_DESC_MAX	(KVMHID_INTERFACES * 6 + 1)

/**
 * struct kvmhid_descs - a function's descriptors while they are put together
 * @interface: of each interface
 * @hid: of each interface
 * @in: IN endpoint of each interface
 * @out: OUT endpoint of the keyboard
 * @companion: of every endpoint, at super speed
 * @list: pointers to those that are there, ended by NULL
 */
struct kvmhid_descs {
	struct usb_interface_descriptor interface[KVMHID_INTERFACES];
	struct kvmhid_hid_desc hid[KVMHID_INTERFACES];
	struct usb_endpoint_descriptor in[KVMHID_INTERFACES];
	struct usb_endpoint_descriptor out;
	struct usb_ss_ep_comp_descriptor companion;
	struct usb_descriptor_header *list[KVMHID_DESC_MAX];
};

static void kvmhid_descs_fill(struct kvmhid_descs *descs,
			      const struct kvmhid *hid, enum usb_device_speed speed)
{
	u8 interval = kvmhid_interval(&hid->info, speed == USB_SPEED_FULL);
	struct usb_descriptor_header **next = descs->list;
	int i;

	descs->companion = (struct usb_ss_ep_comp_descriptor) {
		.bLength = USB_DT_SS_EP_COMP_SIZE,
		.bDescriptorType = USB_DT_SS_ENDPOINT_COMP,
		.wBytesPerInterval = cpu_to_le16(KVMHID_PACKET_SIZE),
	};
	for (i = 0; i < KVMHID_INTERFACES; i++) {
		descs->interface[i] = kvmhid_interface_desc(hid, i);
		descs->hid[i] = kvmhid_hid_desc(&hid->info, i);
		descs->in[i] = kvmhid_ep_desc(hid->pipes[i].ep->address,
					      interval);
		*next++ = (struct usb_descriptor_header *)&descs->interface[i];
		*next++ = (struct usb_descriptor_header *)&descs->hid[i];
		*next++ = (struct usb_descriptor_header *)&descs->in[i];
		if (speed == USB_SPEED_SUPER)
			*next++ = (struct usb_descriptor_header *)
					  &descs->companion;
		if (i != KVMHID_KEYBOARD || !hid->out_ep)
			continue;
		descs->out = kvmhid_ep_desc(hid->out_ep->address, interval);
		*next++ = (struct usb_descriptor_header *)&descs->out;
		if (speed == USB_SPEED_SUPER)
			*next++ = (struct usb_descriptor_header *)
					  &descs->companion;
	}
	*next = NULL;
}

/* usb_assign_descriptors() copies: nothing is shared between functions. */
static int kvmhid_assign_descs(struct usb_function *f, const struct kvmhid *hid)
{
	struct kvmhid_descs *full, *high, *super;
	int error;

	full = kcalloc(3, sizeof(*full), GFP_KERNEL);
	if (!full)
		return -ENOMEM;
	high = full + 1;
	super = full + 2;

	kvmhid_descs_fill(full, hid, USB_SPEED_FULL);
	kvmhid_descs_fill(high, hid, USB_SPEED_HIGH);
	kvmhid_descs_fill(super, hid, USB_SPEED_SUPER);
	error = usb_assign_descriptors(f, full->list, high->list, super->list,
				       super->list);
	kfree(full);
	return error;
}

static int kvmhid_claim(struct usb_configuration *c, struct usb_function *f,
			struct kvmhid *hid)
{
	struct usb_endpoint_descriptor in = kvmhid_ep_desc(USB_DIR_IN, 1);
	struct usb_endpoint_descriptor out = kvmhid_ep_desc(USB_DIR_OUT, 1);
	struct kvmhid_pipe *pipe;
	int i, number;

	for (i = 0; i < KVMHID_INTERFACES; i++) {
		pipe = &hid->pipes[i];
		number = usb_interface_id(c, f);
		if (number < 0)
			return number;
		pipe->number = number;
		in.bEndpointAddress = USB_DIR_IN;
		pipe->ep = usb_ep_autoconfig(c->cdev->gadget, &in);
		if (!pipe->ep)
			return -ENODEV;
	}
	if (!hid->info.interrupt_out)
		return 0;
	hid->out_ep = usb_ep_autoconfig(c->cdev->gadget, &out);
	return hid->out_ep ? 0 : -ENODEV;
}

static int kvmhid_bind(struct usb_configuration *c, struct usb_function *f)
{
	struct f_kvmhid *fk = to_f_kvmhid(f);
	struct kvmhid *hid;
	int error;

	hid = kvmhid_create(&fk->info, to_kvmhid_opts(f->fi)->minor);
	if (IS_ERR(hid))
		return PTR_ERR(hid);
	hid->gadget = c->cdev->gadget;

	error = kvmhid_claim(c, f, hid);
	if (error)
		goto put;
	error = kvmhid_pipes_init(hid);
	if (error)
		goto free_pipes;
	error = kvmhid_assign_descs(f, hid);
	if (error)
		goto free_pipes;
	error = kvmhid_publish(hid);
	if (error)
		goto free_descs;

	fk->hid = hid;
	return 0;

free_descs:
	usb_free_all_descriptors(f);
free_pipes:
	kvmhid_pipes_free(hid);
put:
	kvmhid_put(hid);
	return error;
}

static void kvmhid_unbind(struct usb_configuration *c, struct usb_function *f)
{
	struct f_kvmhid *fk = to_f_kvmhid(f);
	struct kvmhid *hid = fk->hid;

	kvmhid_unpublish(hid);

	mutex_lock(&hid->bound_lock);
	hid->gadget = NULL;
	mutex_unlock(&hid->bound_lock);

	kvmhid_pipes_disable(hid);
	kvmhid_pipes_free(hid);
	usb_free_all_descriptors(f);
	fk->hid = NULL;
	kvmhid_put(hid);
}

static void kvmhid_free(struct usb_function *f)
{
	struct kvmhid_opts *opts = to_kvmhid_opts(f->fi);

	mutex_lock(&opts->lock);
	opts->refcnt--;
	mutex_unlock(&opts->lock);
	kfree(to_f_kvmhid(f));
}

static struct usb_function *kvmhid_alloc(struct usb_function_instance *instance)
{
	struct kvmhid_opts *opts = to_kvmhid_opts(instance);
	struct f_kvmhid *fk;

	fk = kzalloc(sizeof(*fk), GFP_KERNEL);
	if (!fk)
		return ERR_PTR(-ENOMEM);

	mutex_lock(&opts->lock);
	fk->info = opts->info;
	opts->refcnt++;
	mutex_unlock(&opts->lock);

	fk->func.name = "kvmhid";
	fk->func.bind = kvmhid_bind;
	fk->func.unbind = kvmhid_unbind;
	fk->func.set_alt = kvmhid_set_alt;
	fk->func.disable = kvmhid_disable;
	fk->func.setup = kvmhid_setup;
	fk->func.suspend = kvmhid_suspend;
	fk->func.resume = kvmhid_resume;
	fk->func.free_func = kvmhid_free;
	return &fk->func;
}

DECLARE_USB_FUNCTION(kvmhid, kvmhid_alloc_inst, kvmhid_alloc);

static int __init kvmhid_init(void)
{
	int error;

	error = kvmhid_chrdev_init();
	if (error)
		return error;
	error = usb_function_register(&kvmhidusb_func);
	if (error)
		kvmhid_chrdev_exit();
	return error;
}
module_init(kvmhid_init);

static void __exit kvmhid_exit(void)
{
	usb_function_unregister(&kvmhidusb_func);
	kvmhid_chrdev_exit();
}
module_exit(kvmhid_exit);

MODULE_DESCRIPTION("USB keyboard and pointer for remote control");
MODULE_AUTHOR("The kvmcap authors");
MODULE_LICENSE("GPL");
