// SPDX-License-Identifier: GPL-2.0-only
/*
 * The configfs directory of a kvmhid function; the attributes are described in
 * Documentation/ABI/testing/configfs-usb-gadget-kvmhid.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/configfs.h>
#include <linux/kdev_t.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "kvmhid.h"

static struct kvmhid_opts *item_to_opts(struct config_item *item)
{
	return container_of(to_config_group(item), struct kvmhid_opts,
			    func_inst.group);
}

static ssize_t info_show(struct kvmhid_opts *opts, const unsigned int *value,
			 char *page)
{
	ssize_t ret;

	mutex_lock(&opts->lock);
	ret = sysfs_emit(page, "%u\n", *value);
	mutex_unlock(&opts->lock);
	return ret;
}

static ssize_t info_store(struct kvmhid_opts *opts, unsigned int *value,
			  unsigned int min, unsigned int max, const char *page,
			  size_t len)
{
	unsigned int number;
	ssize_t ret;

	ret = kstrtouint(page, 0, &number);
	if (ret)
		return ret;
	if (number < min || number > max)
		return -EINVAL;

	mutex_lock(&opts->lock);
	if (opts->refcnt) {
		ret = -EBUSY;
	} else {
		*value = number;
		ret = len;
	}
	mutex_unlock(&opts->lock);
	return ret;
}

#define KVMHID_ATTR(name, min, max)					\
static ssize_t kvmhid_##name##_show(struct config_item *item, char *page) \
{									\
	struct kvmhid_opts *opts = item_to_opts(item);			\
									\
	return info_show(opts, &opts->info.name, page);			\
}									\
									\
static ssize_t kvmhid_##name##_store(struct config_item *item,		\
				     const char *page, size_t len)	\
{									\
	struct kvmhid_opts *opts = item_to_opts(item);			\
									\
	return info_store(opts, &opts->info.name, min, max, page, len);	\
}									\
									\
CONFIGFS_ATTR(kvmhid_, name)

KVMHID_ATTR(nkro, 0, 1);
KVMHID_ATTR(pointer_boot, 0, 1);
KVMHID_ATTR(interrupt_out, 0, 1);
KVMHID_ATTR(wakeup, 0, 1);
KVMHID_ATTR(interval, KVMHID_INTERVAL_MIN, KVMHID_INTERVAL_MAX);

static ssize_t kvmhid_dev_show(struct config_item *item, char *page)
{
	dev_t devt = kvmhid_devt(item_to_opts(item)->minor);

	return sysfs_emit(page, "%u:%u\n", MAJOR(devt), MINOR(devt));
}

CONFIGFS_ATTR_RO(kvmhid_, dev);

static struct configfs_attribute *kvmhid_attrs[] = {
	&kvmhid_attr_nkro,
	&kvmhid_attr_pointer_boot,
	&kvmhid_attr_interrupt_out,
	&kvmhid_attr_wakeup,
	&kvmhid_attr_interval,
	&kvmhid_attr_dev,
	NULL,
};

static void kvmhid_item_release(struct config_item *item)
{
	usb_put_function_instance(&item_to_opts(item)->func_inst);
}

static struct configfs_item_operations kvmhid_item_ops = {
	.release = kvmhid_item_release,
};

static const struct config_item_type kvmhid_item_type = {
	.ct_item_ops = &kvmhid_item_ops,
	.ct_attrs = kvmhid_attrs,
	.ct_owner = THIS_MODULE,
};

static void kvmhid_free_inst(struct usb_function_instance *instance)
{
	struct kvmhid_opts *opts = to_kvmhid_opts(instance);

	kvmhid_minor_put(opts->minor);
	mutex_destroy(&opts->lock);
	kfree(opts);
}

struct usb_function_instance *kvmhid_alloc_inst(void)
{
	struct kvmhid_opts *opts;
	int minor;

	opts = kzalloc(sizeof(*opts), GFP_KERNEL);
	if (!opts)
		return ERR_PTR(-ENOMEM);
	minor = kvmhid_minor_get();
	if (minor < 0) {
		kfree(opts);
		return ERR_PTR(minor);
	}

	mutex_init(&opts->lock);
	opts->minor = minor;
	opts->info = (struct kvmhid_info) {
		.nkro = 1,
		.pointer_boot = 1,
		.interrupt_out = 0,
		.wakeup = 1,
		.interval = KVMHID_INTERVAL_MIN,
	};
	opts->func_inst.free_func_inst = kvmhid_free_inst;
	config_group_init_type_name(&opts->func_inst.group, "",
				    &kvmhid_item_type);
	return &opts->func_inst;
}
